import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { EmbeddedServerError } from "../errors.ts";
import type { EmbeddedServerTls } from "../options.ts";
import type { Accept } from "./memory-connection.ts";
import { SocketStream } from "./socket-stream.ts";

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: EmbeddedServerTls | undefined;
  readonly handshakeTimeoutMs: number;
}

/** A listening socket. */
export class Listener {
  readonly #server: Server;
  /** TLS handshakes included, of which the server above knows nothing yet. */
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** @throws EmbeddedServerError with the system's error as cause */
  static async listen({ host, port, tls, handshakeTimeoutMs }: ListenerOptions, accept: Accept): Promise<Listener> {
    const onSocket = (socket: Socket): void => {
      const stream = new SocketStream(socket);
      const events = accept(stream);
      if (events === undefined) socket.destroy();
      else stream.attach(events);
    };
    const server =
      tls === undefined
        ? createServer({ noDelay: true }, onSocket)
        : // Loaded when it is needed: it takes milliseconds of a process's start.
          process
            .getBuiltinModule("node:tls")
            .createServer({ ...tls, handshakeTimeout: handshakeTimeoutMs, noDelay: true }, onSocket);
    // A client that does not finish its TLS handshake is its own problem.
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    const listener = new Listener(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(new EmbeddedServerError(`cannot listen on ${host}:${port}`, { cause })));
      server.listen(port, host, resolve);
    });
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
