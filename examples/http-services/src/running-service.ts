import type { AddressInfo } from "node:net";
import { type Client, connect } from "@quorate/core";
import { type Registration, ServiceRegistry } from "@quorate/registry";
import type { FastifyInstance } from "fastify";

export interface ServiceOptions {
  readonly name: string;
  /** Its ZooKeeper servers. */
  readonly servers: string;
  /** Where it listens, and is called by others. Default: loopback, a free port. */
  readonly host?: string;
  readonly port?: number;
  /** Given a client to make its routes with. */
  readonly routes: (app: FastifyInstance, client: Client) => Promise<void> | void;
}

/** An HTTP service that listens and is registered. */
export class RunningService implements AsyncDisposable {
  readonly #app: FastifyInstance;
  readonly #client: Client;
  readonly #registration: Registration;

  private constructor(app: FastifyInstance, client: Client, registration: Registration) {
    this.#app = app;
    this.#client = client;
    this.#registration = registration;
  }

  /** Listens first and registers then, so that whoever discovers it can call it. */
  static async start(app: FastifyInstance, options: ServiceOptions): Promise<RunningService> {
    const { name, servers, host = "127.0.0.1", port = 0, routes } = options;
    const client = await connect(servers);
    try {
      app.get("/health", () => ({ ok: true }));
      await routes(app, client);
      await app.listen({ host, port });
      const { port: bound } = app.server.address() as AddressInfo;
      const registration = await new ServiceRegistry(client).register({
        name,
        port: bound,
        ...(host === "0.0.0.0" ? {} : { address: host }),
        healthCheck: async (signal) => (await fetch(`http://127.0.0.1:${bound}/health`, { signal })).ok,
      });
      return new RunningService(app, client, registration);
    } catch (error) {
      await app.close();
      await client.close();
      throw error;
    }
  }

  get id(): string {
    return this.#registration.id;
  }

  /** Takes itself out of the catalogue, lets the calls under way end, and only then goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registration.close();
    await this.#app.close();
    await this.#client.close();
  }
}
