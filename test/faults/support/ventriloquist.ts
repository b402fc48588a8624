import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";

/** Passes everything on to a member until told to say something of its own to the client. */
export class Ventriloquist implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(port: number): Promise<Ventriloquist> {
    const server = createServer();
    const ventriloquist = new Ventriloquist(server);
    server.on("connection", (client) => {
      const member = connectTcp(port, "127.0.0.1");
      for (const [from, to] of [
        [client, member],
        [member, client],
      ] as const) {
        from.on("error", () => {}).on("close", () => to.destroy());
        from.pipe(to);
      }
      ventriloquist.#clients.add(client);
      client.on("close", () => ventriloquist.#clients.delete(client));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return ventriloquist;
  }

  get connectString(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  }

  say(bytes: Buffer): void {
    for (const client of this.#clients) client.write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
