import type { Socket } from "node:net";
import type { ServerStream, ServerStreamEvents } from "./server-stream.ts";

/** IPv4 addresses come as ::ffff:a.b.c.d where the server listens on IPv6 too. */
const mapped = /^::ffff:(?=[\d.]+$)/;

/** A TCP or TLS connection. */
export class SocketStream implements ServerStream {
  readonly #socket: Socket;
  readonly remoteAddress: string;
  readonly remotePort: number;
  #destroyed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remoteAddress = (socket.remoteAddress ?? "").replace(mapped, "");
    this.remotePort = socket.remotePort ?? 0;
  }

  attach(events: ServerStreamEvents): void {
    this.#socket.on("data", (chunk) => events.data(chunk));
    this.#socket.on("drain", () => events.drain());
    // A client that resets its connection is an ordinary one; "close" follows.
    this.#socket.on("error", () => {});
    this.#socket.once("close", () => {
      if (!this.#destroyed) events.close();
    });
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
