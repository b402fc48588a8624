import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { ByteStream, StreamEvents, StreamTarget, Transport } from "./transport.ts";

/** TCP, and TLS where asked for. */
export const netTransport: Transport = {
  async resolve(host) {
    if (isIP(host) !== 0) return [host];
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  },
  checkTls: (options) => void tlsModule().createSecureContext(options),
  connect: (target, events) => new SocketStream(target, events),
};

/** Loaded when it is needed: it takes milliseconds of a process's start, and most connections are plain. */
function tlsModule(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** What a socket has received is looked at before anything else is read: so one piece of memory serves them all. */
const received = Buffer.allocUnsafeSlow(64 * 1024);

function openSocket({ host, address, port, tls }: StreamTarget, data: (chunk: Uint8Array) => void): Socket {
  // Without it Node.js takes new memory for every read, and a readable stream's way through it.
  const onread = {
    buffer: received,
    callback: (length: number, buffer: Uint8Array): boolean => {
      data(buffer.subarray(0, length));
      return true;
    },
  };
  const common = { host: address, port, onread };
  if (tls === undefined) return connectTcp({ ...common, noDelay: true });
  const { servername = isIP(host) === 0 ? host : undefined, rejectUnauthorized = true, ...certificates } = tls;
  const socket = tlsModule().connect({
    ...certificates,
    ...common,
    // Stated even when on: the default can be turned off from outside by NODE_TLS_REJECT_UNAUTHORIZED.
    rejectUnauthorized,
    ...(servername === undefined ? {} : { servername }),
  });
  return socket.setNoDelay(true);
}

/** OpenSSL's messages come with addresses and file names; its reason is what tells. */
function plainly(error: Error): Error {
  if (!("library" in error && "reason" in error)) return error;
  return new Error(`TLS failed: ${String(error.reason)}`, { cause: error });
}

class SocketStream implements ByteStream {
  readonly #socket: Socket;
  #destroyed = false;

  constructor(target: StreamTarget, events: StreamEvents) {
    const socket = openSocket(target, (chunk) => {
      if (!this.#destroyed) events.data(chunk);
    });
    let failure: Error | undefined;
    socket.once(target.tls === undefined ? "connect" : "secureConnect", () => {
      if (!this.#destroyed) events.open();
    });
    // Without this, bytes still queued towards a server that has hung up would hold back "close".
    socket.once("end", () => socket.destroy());
    // Stays for good: an "error" event without a listener ends the process.
    socket.on("error", (error) => {
      failure = plainly(error);
    });
    socket.once("close", () => {
      if (!this.#destroyed) events.close(failure ?? new Error("the server closed the connection"));
    });
    this.#socket = socket;
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#socket.destroy();
  }
}
