import { createServer, type Server, type Socket } from "node:net";
import { FaultProxy } from "@quorate/testing";

export type Fault =
  | "closed port"
  | "resets"
  | "hangs up"
  | "black hole"
  | "HTTP"
  | "random bytes"
  | "half a frame"
  | "huge length"
  | "negative length"
  | "TLS alert"
  | "empty frames"
  | "no such host";

/** Those that take connections. */
type Talker = Exclude<Fault, "closed port" | "resets" | "no such host">;

/** What each says to whoever asks. Undefined: it hangs up. */
const words: Readonly<Record<Talker, Buffer | undefined>> = {
  "hangs up": undefined,
  "black hole": Buffer.alloc(0),
  HTTP: Buffer.from("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
  "random bytes": Buffer.from(
    "00000025deadbeef0badcafe8badf00d00ff00ff00ff00ffcafebabe1234567890abcdef0123456789",
    "hex",
  ),
  "half a frame": Buffer.from("000000250000000000000fa0", "hex"),
  "huge length": Buffer.from("7fffffff00000000", "hex"),
  "negative length": Buffer.from("ffffffff00000000", "hex"),
  "TLS alert": Buffer.from("15030300020228", "hex"),
  "empty frames": Buffer.alloc(64),
};

/** Servers one cannot talk to, each with an address of its own. */
export class BadServers implements AsyncDisposable {
  readonly addresses: ReadonlyMap<Fault, string>;
  readonly #open: readonly (FaultProxy | Server)[];
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(addresses: Map<Fault, string>, open: (FaultProxy | Server)[], sockets: Set<Socket>) {
    this.addresses = addresses;
    this.#open = open;
    this.#sockets = sockets;
  }

  static async start(): Promise<BadServers> {
    const addresses = new Map<Fault, string>([["no such host", "no-such-host.invalid:2181"]]);
    const open: (FaultProxy | Server)[] = [];
    const sockets = new Set<Socket>();
    const target = { host: "127.0.0.1", port: 9 };
    const closed = await FaultProxy.listen({ target });
    addresses.set("closed port", closed.connectString);
    await closed.close();
    const resets = await FaultProxy.listen({ target });
    resets.mode = "refuse";
    open.push(resets);
    addresses.set("resets", resets.connectString);
    for (const fault of Object.keys(words) as Talker[]) {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => {}).on("close", () => sockets.delete(socket));
        socket.on("data", () => answer(socket, words[fault]));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      open.push(server);
      const address = server.address();
      if (typeof address === "object" && address !== null) addresses.set(fault, `127.0.0.1:${address.port}`);
    }
    return new BadServers(addresses, open, sockets);
  }

  /** All of them. */
  get connectString(): string {
    return [...this.addresses.values()].join(",");
  }

  address(fault: Fault): string {
    return this.addresses.get(fault) ?? "";
  }

  /** Connections somebody still holds. */
  get liveConnections(): number {
    return this.#open.reduce(
      (sum, server) => sum + (server instanceof FaultProxy ? server.stats().liveConnections : 0),
      this.#sockets.size,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#open) {
      if (server instanceof FaultProxy) await server.close();
      else await new Promise((resolve) => server.close(resolve));
    }
  }
}

function answer(socket: Socket, bytes: Buffer | undefined): void {
  if (bytes === undefined) socket.end();
  else socket.write(bytes);
}
