import { createServer, type Server, type Socket } from "node:net";
import { ProxiedConnection, type ProxyTarget } from "./proxied-connection.ts";
import { ProxyCounters, type ProxyStats } from "./proxy-stats.ts";
import { ReplyDrop, type ReplyMatch } from "./reply-drop.ts";
import { Traffic } from "./traffic.ts";

/**
 * `pass`: forwards. `refuse`: new connections are reset at once, live ones go on (see `cut()`). `blackhole`: bytes are swallowed both
 * ways, new connections are accepted and stay silent.
 */
export type ProxyMode = "pass" | "refuse" | "blackhole";

export interface FaultProxyOptions {
  /** Where connections go; a function is asked anew for each one, and its failure resets the client's connection. */
  readonly target: ProxyTarget | (() => ProxyTarget | Promise<ProxyTarget>);
  /** Address to listen on; default `"127.0.0.1"`. */
  readonly host?: string;
  /** Port to listen on; default 0, which takes any free one. */
  readonly port?: number;
  /**
   * For how long, in milliseconds, a connection the server refuses is tried again before the client's is reset; default 0. Clients of a
   * proxy find it listening even before the server does, and some cannot cope with a reset.
   */
  readonly dialRetryMs?: number;
  /** Whether to follow ZooKeeper's client protocol, for the request counters and `dropReply`; default true. */
  readonly parse?: boolean;
}

/**
 * A TCP proxy with a fixed address that injects faults between ZooKeeper clients and a server, and counts what passes. Faults set from
 * the test take effect at once and last until set otherwise.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: FaultProxyOptions;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #drops = new Set<ReplyDrop>();
  readonly #counters = new ProxyCounters();
  #mode: ProxyMode = "pass";
  #delayMs = 0;
  #closing: Promise<void> | undefined;
  readonly host: string;
  readonly port: number;

  private constructor(server: Server, host: string, port: number, options: FaultProxyOptions) {
    this.#server = server;
    this.#options = options;
    this.host = host;
    this.port = port;
    server.on("connection", (client) => this.#accept(client));
  }

  /** Listens; rejects with the system's error when the address cannot be had. */
  static async listen(options: FaultProxyOptions): Promise<FaultProxy> {
    const host = options.host ?? "127.0.0.1";
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return new FaultProxy(server, host, port, options);
  }

  /** `host:port` for clients. */
  get connectString(): string {
    return `${this.host}:${this.port}`;
  }

  /** Default `"pass"`. */
  get mode(): ProxyMode {
    return this.#mode;
  }

  /** Leaving `blackhole` cuts the connections that have lost bytes: nothing sensible could follow on them. */
  set mode(mode: ProxyMode) {
    const wasBlackhole = this.#mode === "blackhole";
    this.#mode = mode;
    if (wasBlackhole && mode !== "blackhole") this.#cutWhere((connection) => connection.hasLostBytes);
  }

  /** Milliseconds by which everything is held, each way; default 0. Order is kept. */
  get delayMs(): number {
    return this.#delayMs;
  }

  set delayMs(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** Destroys all live connections now, on both sides. Returns how many there were. */
  cut(): number {
    return this.#cutWhere(() => true);
  }

  /**
   * Drops one reply: the next matching request is forwarded as usual; when the server has answered it, the answer is swallowed and the
   * connection cut. So the client cannot know what the server knows. If the connection ends before the server has answered, the fault
   * waits for another matching request. An armed fault has no effect on connections the proxy cannot read (TLS).
   */
  dropReply(match: ReplyMatch = {}): ReplyDrop {
    const drop = new ReplyDrop(match);
    if (this.#closing !== undefined) {
      drop.cancel();
      return drop;
    }
    this.#drops.add(drop);
    void drop.settled.then(() => this.#drops.delete(drop));
    return drop;
  }

  /** The counters as they stand. */
  stats(): ProxyStats {
    return this.#counters.snapshot(this.#connections.size);
  }

  /** Cuts all connections and gives the port back. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const drop of this.#drops) drop.cancel();
      this.cut();
    });
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(client: Socket): void {
    if (this.#mode === "refuse" || this.#closing !== undefined) {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    this.#counters.connections++;
    const { target, parse, dialRetryMs = 0 } = this.#options;
    const traffic = parse === false ? undefined : new Traffic(this.#counters, this.#drops);
    const connection = new ProxiedConnection(client, traffic, {
      target: () => (typeof target === "function" ? target() : target),
      dialRetryMs,
      delayMs: () => this.#delayMs,
      isBlackhole: () => this.#mode === "blackhole",
      onClosed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
  }

  #cutWhere(condition: (connection: ProxiedConnection) => boolean): number {
    const chosen = [...this.#connections].filter(condition);
    for (const connection of chosen) {
      connection.cut();
      this.#connections.delete(connection);
    }
    return chosen.length;
  }
}
