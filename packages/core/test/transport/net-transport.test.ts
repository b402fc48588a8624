import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import type { TlsOptions } from "../../src/driver/tls-options.ts";
import { netTransport } from "../../src/transport/net-transport.ts";
import type { ByteStream, StreamEvents } from "../../src/transport/transport.ts";

const cert = readFileSync(new URL("fixtures/localhost.cert.pem", import.meta.url));
const key = readFileSync(new URL("fixtures/localhost.key.pem", import.meta.url));

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function listening(server: Server, host: string = "127.0.0.1"): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

interface Dialled {
  readonly stream: ByteStream;
  readonly told: string[];
  /** What the server sent. */
  readonly received: () => string;
  /** Settles with the stream's first word: `open`, or why it was closed. */
  readonly outcome: Promise<"open" | Error>;
  readonly closed: Promise<Error>;
}

function dial(port: number, options: { host?: string; address?: string; tls?: TlsOptions } = {}): Dialled {
  const told: string[] = [];
  const chunks: Uint8Array[] = [];
  let settle: (outcome: "open" | Error) => void = () => {};
  let settleClosed: (cause: Error) => void = () => {};
  const outcome = new Promise<"open" | Error>((resolve) => {
    settle = resolve;
  });
  const closed = new Promise<Error>((resolve) => {
    settleClosed = resolve;
  });
  const events: StreamEvents = {
    open: () => {
      told.push("open");
      settle("open");
    },
    data: (chunk) => {
      told.push("data");
      chunks.push(chunk);
    },
    close: (cause) => {
      told.push("close");
      settle(cause);
      settleClosed(cause);
    },
  };
  const { address = "127.0.0.1", host = address, tls } = options;
  const stream = netTransport.connect({ host, address, port, tls }, events);
  expect(told).toEqual([]);
  cleanups.push(() => stream.destroy());
  return { stream, told, outcome, closed, received: () => Buffer.concat(chunks).toString() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5000 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(condition()).toBe(true);
}

function echo(socket: Socket): void {
  socket.pipe(socket);
}

describe("the TCP transport", () => {
  it("carries bytes both ways, over IPv4, and IPv6 where the machine has it", async () => {
    const hasIpv6 = Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === "::1"));
    for (const address of hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
      const dialled = dial(await listening(createServer(echo), address), { address });
      expect(await dialled.outcome).toBe("open");
      dialled.stream.write(Buffer.from("hello"));
      await until(() => dialled.received() === "hello");
    }
  });

  it("tells why a connection was refused", async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const { outcome, told } = dial(port);
    expect(await outcome).toMatchObject({ code: "ECONNREFUSED" });
    expect(told).toEqual(["close"]);
  });

  it("tells that the server has hung up, and how", async () => {
    const ending = dial(await listening(createServer((socket) => socket.end("bye"))));
    expect((await ending.closed).message).toBe("the server closed the connection");
    expect(ending.received()).toBe("bye");
    const resetting = dial(await listening(createServer((socket) => setImmediate(() => socket.resetAndDestroy()))));
    expect(await resetting.closed).toMatchObject({ code: "ECONNRESET" });
  });

  it("tells so even while bytes wait for a server that does not read", async () => {
    let socket: Socket | undefined;
    const port = await listening(
      createServer({ pauseOnConnect: true }, (accepted) => {
        socket = accepted;
      }),
    );
    const { stream, outcome, closed } = dial(port);
    await outcome;
    stream.write(Buffer.alloc(32 * 1024 * 1024));
    await until(() => socket !== undefined && stream.queuedBytes > 0);
    socket?.end();
    expect((await closed).message).toBe("the server closed the connection");
  });

  it("says nothing more once it is destroyed", async () => {
    const port = await listening(createServer(echo));
    const { stream, outcome, told } = dial(port);
    await outcome;
    stream.write(Buffer.from("hello"));
    stream.destroy();
    stream.destroy();
    stream.write(Buffer.from("too late"));
    const unborn = dial(port);
    unborn.stream.destroy();
    const other = dial(port);
    await other.outcome;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual(["open"]);
    expect(unborn.told).toEqual([]);
  });
});

describe("the TLS transport", () => {
  const secureServer = (): Server => createTlsServer({ cert, key }, echo);

  it("verifies the host of the connect string, whatever address it has", async () => {
    const port = await listening(secureServer());
    for (const host of ["localhost", "127.0.0.1"]) {
      const dialled = dial(port, { host, tls: { ca: cert } });
      expect(await dialled.outcome).toBe("open");
      dialled.stream.write(Buffer.from("hello"));
      await until(() => dialled.received() === "hello");
    }
  });

  it.each<[string, string, TlsOptions, object]>([
    ["an unknown authority", "localhost", {}, { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }],
    ["another host", "zk.test", { ca: cert }, { code: "ERR_TLS_CERT_ALTNAME_INVALID" }],
    [
      "another name asked for",
      "localhost",
      { ca: cert, servername: "zk.test" },
      { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    ],
  ])("refuses a certificate of %s", async (_, host, tls, failure) => {
    const port = await listening(secureServer());
    const { outcome, told } = dial(port, { host, tls });
    expect(await outcome).toMatchObject(failure);
    expect(told).toEqual(["close"]);
  });

  it("does so whatever the environment says, unless told otherwise in code", async () => {
    const port = await listening(secureServer());
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    cleanups.push(() => {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    });
    expect(await dial(port, { host: "localhost", tls: {} }).outcome).toBeInstanceOf(Error);
    expect(await dial(port, { host: "localhost", tls: { rejectUnauthorized: false } }).outcome).toBe("open");
    expect(await dial(port, { host: "zk.test", tls: { ca: cert, servername: "localhost" } }).outcome).toBe("open");
  });

  it("presents a client certificate", async () => {
    const port = await listening(createTlsServer({ cert, key, ca: cert, requestCert: true }, echo));
    const dialled = dial(port, { host: "localhost", tls: { ca: cert, cert, key } });
    expect(await dialled.outcome).toBe("open");
    dialled.stream.write(Buffer.from("hello"));
    await until(() => dialled.received() === "hello");
  });

  it("fails against a server that speaks plain TCP and hangs up", async () => {
    const port = await listening(createServer((socket) => socket.on("data", () => socket.end())));
    expect(await dial(port, { host: "localhost", tls: { ca: cert } }).outcome).toBeInstanceOf(Error);
  });

  it("refuses a broken certificate at once", () => {
    expect(() => dial(1, { tls: { cert: "nonsense", key } })).toThrow(/PEM/);
  });
});

describe("resolving", () => {
  it("gives every address of a name, and IP addresses as they are", async () => {
    const addresses = await netTransport.resolve("localhost");
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(["127.0.0.1", "::1"]).toContain(address);
    expect(await netTransport.resolve("10.1.2.3")).toEqual(["10.1.2.3"]);
    expect(await netTransport.resolve("fe80::1")).toEqual(["fe80::1"]);
  });
});
