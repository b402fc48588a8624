import type { ByteStream, StreamEvents } from "@quorate/core";
import { MemoryPipe } from "./memory-pipe.ts";
import { nextTurn } from "./next-turn.ts";
import type { ServerStream, ServerStreamEvents } from "./server-stream.ts";

/** Takes a new connection; undefined where none are taken now. */
export type Accept = (stream: ServerStream) => ServerStreamEvents | undefined;

/** Both ends of one connection in memory. */
export class MemoryConnection {
  readonly #events: StreamEvents;
  readonly #toServer: MemoryPipe;
  readonly #toClient: MemoryPipe;
  #server: ServerStreamEvents | undefined;
  #isOver = false;
  /** The client let go of its end: it hears nothing more. */
  #isClientGone = false;

  constructor(accept: Accept, events: StreamEvents, clientPort: number) {
    this.#events = events;
    this.#toServer = new MemoryPipe((chunk) => this.#server?.data(chunk));
    this.#toClient = new MemoryPipe(
      (chunk) => events.data(chunk),
      () => this.#server?.drain(),
    );
    nextTurn(() => this.#open(accept, clientPort));
  }

  get client(): ByteStream {
    const toServer = this.#toServer;
    return {
      get queuedBytes() {
        return toServer.queuedBytes;
      },
      write: (bytes) => toServer.write(bytes),
      destroy: () => {
        this.#isClientGone = true;
        if (!this.#end()) return;
        nextTurn(() => this.#server?.close());
      },
    };
  }

  #open(accept: Accept, clientPort: number): void {
    if (this.#isOver) return;
    this.#server = accept(this.#serverStream(clientPort));
    if (this.#server !== undefined) this.#events.open();
    else if (this.#end()) this.#closed("connect ECONNREFUSED: the embedded server is down");
  }

  #serverStream(remotePort: number): ServerStream {
    const [toServer, toClient] = [this.#toServer, this.#toClient];
    return {
      remoteAddress: "127.0.0.1",
      remotePort,
      get queuedBytes() {
        return toClient.queuedBytes;
      },
      write: (bytes) => toClient.write(bytes),
      end: () => {
        toServer.destroy();
        toClient.end(() => {
          if (!this.#end()) return;
          this.#closed("the server closed the connection");
          this.#server?.close();
        });
      },
      destroy: () => {
        if (!this.#end()) return;
        nextTurn(() => this.#closed("the server closed the connection"));
      },
      pause: () => toServer.pause(),
      resume: () => toServer.resume(),
    };
  }

  #closed(cause: string): void {
    if (!this.#isClientGone) this.#events.close(new Error(cause));
  }

  /** Drops what is under way both ways; false when it is over already. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#toServer.destroy();
    this.#toClient.destroy();
    return true;
  }
}
