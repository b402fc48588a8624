import type { Transport } from "@quorate/core";
import type { ReplyDrop } from "../proxy/reply-drop.ts";
import type { DropReason } from "./connection/drop-reason.ts";
import { Listener } from "./connection/listener.ts";
import { MemoryTransport } from "./connection/memory-transport.ts";
import { dumpText } from "./dump.ts";
import { EmbeddedServerError } from "./errors.ts";
import type { FailureMatch } from "./faults/failures.ts";
import { type Leaks, leaksOf } from "./leaks.ts";
import { type EmbeddedServerOptions, type ResolvedServerOptions, resolveServerOptions } from "./options.ts";
import { ServerCore } from "./server-core.ts";
import { type TreeSnapshot, takeSnapshot } from "./tree/snapshot.ts";

/**
 * ZooKeeper 3.8's client protocol in this process, as one standalone server. For development and tests only: everything is in memory and
 * gone with the process. Production runs on a real ensemble, by changing the connect string.
 *
 * Besides serving clients it causes the failures that matter, each by a method named for it. They take effect at once.
 */
export class EmbeddedServer implements AsyncDisposable {
  readonly #options: ResolvedServerOptions;
  readonly #core: ServerCore;
  #listener: Listener | undefined;
  #state: "up" | "down" | "stopped" = "down";
  #restarting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  /**
   * Connects within the process, without a socket, to any host and port:
   * `connect("embedded:1", { driver: wireDriver({ transport: server.transport }) })`.
   */
  readonly transport: Transport;

  private constructor(options: ResolvedServerOptions) {
    this.#options = options;
    this.#core = new ServerCore(options);
    this.transport = new MemoryTransport((stream) => (this.#state === "up" ? this.#core.accept(stream) : undefined));
  }

  /**
   * Starts a server with an empty tree.
   *
   * @throws EmbeddedServerError when an option is out of range, or the port cannot be had
   */
  static async start(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(resolveServerOptions(options));
    await server.#listen(server.#options.port);
    return server;
  }

  /** `host:port` for clients; `"embedded:1"`, for `transport` only, when the server does not listen. */
  get connectString(): string {
    if (!this.#options.listen) return "embedded:1";
    const { host } = this.#options;
    const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    return `${reachable.includes(":") ? `[${reachable}]` : reachable}:${this.port}`;
  }

  /** 0 when the server does not listen. */
  get port(): number {
    return this.#core.port;
  }

  /** How many clients are connected, sessions open, znodes and watches there, and why connections were dropped so far. */
  get stats(): EmbeddedServerStats {
    const { state, connections, dropCounts } = this.#core;
    return {
      connections: connections.size,
      sessions: state.sessions.all.size,
      znodes: state.tree.nodes.size,
      watches: leaksOf(state).watches.length,
      lastZxid: state.lastZxid,
      dropped: dropCounts.all,
    };
  }

  /** Ends a session as if its time were up: its ephemeral znodes go, and its client hears of it when it comes back. */
  expireSession(sessionId: bigint): void {
    const session = this.#core.state.sessions.all.get(sessionId);
    if (session === undefined) throw new EmbeddedServerError(`no session 0x${sessionId.toString(16)}`);
    this.#core.state.sessions.expire(session);
  }

  /** Cuts every connection, or that of one session. Sessions live on, for their timeout; watches go, as they do on a real server. */
  dropConnections({ sessionId }: { readonly sessionId?: bigint } = {}): void {
    if (sessionId === undefined) this.#core.dropAll();
    else this.#core.state.sessions.all.get(sessionId)?.connection?.drop("lever");
  }

  /** Reads, answers and expires nothing, as in a long pause of the JVM: connections stay open, and new ones get no answer. */
  freeze(): void {
    this.#core.freeze();
  }

  /** Ends a freeze. Sessions whose time ran out meanwhile expire before anything their clients sent is looked at. */
  thaw(): void {
    this.#core.thaw();
  }

  /**
   * Stops and starts again with its znodes and sessions, on the same port. Clients are cut off and connect again; every session has its
   * whole timeout before it. Ends a freeze.
   *
   * @throws EmbeddedServerError when it was stopped, or another process has taken the port meanwhile
   */
  restart(): Promise<void> {
    const restarting = this.#restarting.then(() => this.#restart());
    // Who waits for the next one, or for the end, is told of its own failures only.
    this.#restarting = restarting.catch(() => {});
    return restarting;
  }

  /**
   * The next matching request fails: with `when: "before"` it is never looked at, with `"after"` it is applied and its reply lost. Either way
   * its client loses the connection and cannot tell which it was.
   *
   * @returns settles as `"dropped"` once it has struck; `cancel()` takes it back
   */
  failNext(match: FailureMatch): ReplyDrop {
    return this.#core.failures.add(match);
  }

  /** Holds back every answer and event from now on; 0 for no delay. */
  delay(delayMs: number): void {
    if (!(delayMs >= 0 && delayMs < 2 ** 31)) throw new EmbeddedServerError(`a delay of ${delayMs} ms is out of range`);
    this.#core.conditions.delayMs = delayMs;
  }

  /**
   * Poses as a server cut off from its quorum, which serves reads only, and only clients that accept it, in sessions of their own
   * (`localSessionsEnabled`). Their sessions proper wait and live on when it is over. Both ways every connection is cut.
   */
  readOnly(isReadOnly: boolean): void {
    this.#core.setReadOnly(isReadOnly);
  }

  /** Deletes at once the containers and TTL nodes that are due, without waiting for `containerCheckIntervalMs`. */
  reapContainers(): void {
    this.#core.state.reap();
  }

  /** The tree as JSON. */
  snapshot(): TreeSnapshot {
    return takeSnapshot(this.#core.state.tree, this.#core.state.lastZxid);
  }

  /**
   * Takes the znodes of a snapshot in place of its own; watches see the differences. Ephemeral znodes are left out unless their session
   * lives on this server.
   */
  load(snapshot: TreeSnapshot): void {
    this.#core.state.load(snapshot);
  }

  /** Everything the server knows, for messages: sessions, watches and znodes, without their data. */
  dump(): string {
    return dumpText(this.#core.report);
  }

  /** Sessions, watches and ephemeral znodes that clients have left: nothing, once all have closed. */
  leaks(): Leaks {
    return leaksOf(this.#core.state);
  }

  /** What the server answers to a four-letter word such as `"mntr"`, which clients can also send to its port. */
  fourLetterWord(word: string): string {
    return this.#core.fourLetterWord(word) ?? "";
  }

  /** Cuts every connection and closes the port. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #restart(): Promise<void> {
    if (this.#state === "stopped") throw new EmbeddedServerError("a stopped server cannot be restarted");
    this.#state = "down";
    this.#core.dropAll();
    await this.#listener?.close();
    this.#core.thaw();
    this.#core.state.sessions.touchAll();
    await this.#listen(this.port);
  }

  async #stop(): Promise<void> {
    await this.#restarting;
    this.#state = "stopped";
    this.#core.stop();
    await this.#listener?.close();
  }

  async #listen(port: number): Promise<void> {
    const { listen, host, tls } = this.#options;
    if (listen) {
      const { handshakeTimeoutMs } = this.#options.connections;
      this.#listener = await Listener.listen({ host, port, tls, handshakeTimeoutMs }, (stream) =>
        this.#core.accept(stream),
      );
      this.#core.port = this.#listener.port;
    }
    this.#state = "up";
  }
}

export interface EmbeddedServerStats {
  readonly connections: number;
  readonly sessions: number;
  /** ZooKeeper's own four included. */
  readonly znodes: number;
  readonly watches: number;
  readonly lastZxid: bigint;
  readonly dropped: Readonly<Record<DropReason, number>>;
}
