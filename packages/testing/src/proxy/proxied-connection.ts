import { connect, type Socket } from "node:net";
import { Pipe, type PipeHooks } from "./pipe.ts";
import type { Traffic } from "./traffic.ts";

/** Where a proxy's connections go. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** What a connection asks the proxy it belongs to. */
export interface ConnectionContext {
  target(): ProxyTarget | Promise<ProxyTarget>;
  /** For how long a refused connection to the server is tried again. */
  readonly dialRetryMs: number;
  delayMs(): number;
  isBlackhole(): boolean;
  /** Called once, when nothing of the connection is left. */
  onClosed(connection: ProxiedConnection): void;
}

const redialIntervalMs = 20;

/** A client's connection and the one made for it to the server. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #context: ConnectionContext;
  readonly #traffic: Traffic | undefined;
  #server: Socket | undefined;
  #hasLostBytes = false;

  constructor(client: Socket, traffic: Traffic | undefined, context: ConnectionContext) {
    this.#client = client;
    this.#traffic = traffic;
    this.#context = context;
    // What an error means to the other side follows with `close`.
    client.on("error", () => {});
    client.on("close", () => this.#onSocketClosed());
    if (context.isBlackhole()) this.#swallowAll();
    else void this.#dial();
  }

  /** Whether bytes were swallowed, so that neither side could make sense of what would come next. */
  get hasLostBytes(): boolean {
    return this.#hasLostBytes;
  }

  /** Destroys both sides now. */
  cut(): void {
    this.#client.destroy();
    this.#server?.destroy();
  }

  /** Accepted, and nobody there: reads so that the client's bytes vanish. */
  #swallowAll(): void {
    this.#hasLostBytes = true;
    this.#client.resume();
  }

  async #dial(): Promise<void> {
    const deadlineMs = performance.now() + this.#context.dialRetryMs;
    for (;;) {
      if (this.#client.destroyed) return;
      const server = await this.#tryDial();
      if (this.#client.destroyed) {
        server?.destroy();
        return;
      }
      if (server !== undefined) return this.#join(server);
      if (this.#context.isBlackhole()) return this.#swallowAll();
      if (performance.now() >= deadlineMs) {
        this.#client.resetAndDestroy();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, redialIntervalMs));
    }
  }

  /** A connection to the server; undefined when it cannot be had. */
  async #tryDial(): Promise<Socket | undefined> {
    try {
      const target = await this.#context.target();
      const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
      this.#server = server;
      server.on("close", () => this.#onSocketClosed());
      return await new Promise((resolve) => {
        server.once("connect", () => resolve(server));
        server.on("error", () => resolve(undefined));
      });
    } catch {
      return undefined;
    }
  }

  #join(server: Socket): void {
    const shared: Omit<PipeHooks, "filter"> = {
      delayMs: () => this.#context.delayMs(),
      swallows: () => this.#context.isBlackhole(),
      onLoss: () => {
        this.#hasLostBytes = true;
      },
    };
    new Pipe(this.#client, server, {
      ...shared,
      filter: (chunk) => {
        this.#traffic?.request(chunk);
        return { pass: chunk, isLast: false };
      },
    });
    new Pipe(server, this.#client, {
      ...shared,
      filter: (chunk) => {
        const { pass, cut } = this.#traffic?.reply(chunk) ?? { pass: chunk, cut: false };
        if (cut) server.destroy();
        return { pass, isLast: cut };
      },
    });
  }

  #onSocketClosed(): void {
    if (!this.#client.destroyed || this.#server?.destroyed === false) return;
    this.#traffic?.end();
    this.#context.onClosed(this);
  }
}
