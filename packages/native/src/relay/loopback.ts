import { createServer, type Server, type Socket } from "node:net";

export interface LoopbackEvents {
  data(chunk: Uint8Array): void;
  /** The C client has hung up, or never came. */
  close(cause: Error): void;
}

/** The C client's end of the relay: a port of this machine that takes one connection and no other. */
export class Loopback {
  readonly #server: Server;
  #socket: Socket | undefined;
  #destroyed = false;

  /** @param listening told the port the C client is to connect to */
  constructor(events: LoopbackEvents, listening: (port: number) => void) {
    const fail = (error: Error): void => {
      if (!this.#destroyed) events.close(error);
    };
    this.#server = createServer({ noDelay: true }, (socket) => {
      // Whoever comes second is nobody we have asked.
      if (this.#socket !== undefined || this.#destroyed) return void socket.destroy();
      this.#socket = socket;
      this.#server.close();
      socket.on("data", (chunk) => {
        if (!this.#destroyed) events.data(chunk);
      });
      socket.on("error", () => {});
      socket.once("close", () => fail(new Error("the C client closed its connection")));
    });
    this.#server.once("error", fail);
    this.#server.listen(0, "127.0.0.1", () => {
      const address = this.#server.address();
      if (!this.#destroyed && typeof address === "object" && address !== null) listening(address.port);
    });
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#socket?.destroy();
    this.#server.close();
  }
}
