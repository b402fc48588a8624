import type { Acl } from "@quorate/protocol";
import { type Bounds, checkBounds, within } from "../bounds/bounded.ts";
import { Gate, type WaitOptions } from "../bounds/gate.ts";
import { Latest } from "../bounds/latest.ts";
import { checkOptions } from "../bounds/options.ts";
import { cacheReader } from "../cache/cache-reader.ts";
import { type CacheMode, type CacheOptions, type CacheTypes, openCache } from "../cache/open-cache.ts";
import { cannot } from "../driver/capabilities.ts";
import type { Connected, DriverOptions, ServerAddress } from "../driver/driver.ts";
import {
  ClosedError,
  type ConnectAttempt,
  InvalidArgumentError,
  SessionExpiredError,
} from "../errors/client-errors.ts";
import type { Logger } from "../logger.ts";
import { Caller, type CallerOptions } from "../operations/caller.ts";
import { type EnsembleConfig, ensembleConfig, type ReconfigOptions, reconfigure } from "../operations/reconfig.ts";
import { ZnodeOperations } from "../operations/znode-operations.ts";
import { type Chroot, chroot } from "../paths/chroot.ts";
import { validatePath } from "../paths/path.ts";
import { notSent } from "../session/not-sent.ts";
import { Session } from "../session/session.ts";
import { SessionCore } from "../session/session-core.ts";
import { traceState } from "../tracing/tracing.ts";
import type { Watch, WatchOptions } from "../watch/watch.ts";
import { WatchHub } from "../watch/watch-hub.ts";
import { type Auth, credentialOf } from "./auth.ts";
import { type ConnectString, formatServer, parseConnectString } from "./connect-string.ts";
import { type ConnectionEvent, type ConnectionState, nextState } from "./connection-state.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * A client of one ensemble. It outlives its sessions: when one is lost it opens the next by itself. Made by `connect()`.
 */
export class Client extends ZnodeOperations implements AsyncDisposable {
  /** Resolves when the client is closed: with the error that forced it (a refused credential), else with nothing. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  protected readonly caller: Caller;
  protected readonly defaultAcl: readonly Acl[];
  readonly #options: ResolvedOptions;
  readonly #chroot: Chroot;
  readonly #watches: WatchHub;
  readonly #state = new Latest<ConnectionState>("connecting");
  readonly #gate = new Gate();
  readonly #attempts = new Map<string, ConnectAttempt>();
  #servers: readonly ServerAddress[];
  #credentials: DriverOptions["credentials"];
  #core: SessionCore;
  #session: Session | undefined;
  #settleClosed: (reason: Error | undefined) => void = () => {};

  /** Use `connect()`. */
  constructor(target: ConnectString, options: ResolvedOptions) {
    super();
    this.#options = options;
    this.#servers = target.servers;
    this.#credentials = options.credentials;
    this.#chroot = chroot(target.chroot);
    this.#watches = new WatchHub({ logger: options.logger });
    this.defaultAcl = options.acl;
    this.caller = this.#currentSessionCaller();
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#core = this.#openSession();
  }

  get state(): ConnectionState {
    return this.#state.value;
  }

  /** The state now and every newer one; a slow reader misses what was overtaken. Finishes after `closed` or when `signal` aborts. */
  states(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ConnectionState, void, undefined> {
    checkBounds(options, { op: "states" });
    return this.#state.follow(options.signal);
  }

  /** Of the driver in use. */
  get driverName(): string {
    return this.#options.driver.name;
  }

  get logger(): Logger {
    return this.#options.logger;
  }

  /** Whether the server in use is cut off from the quorum and serves reads only; see the option `readOnly`. */
  get readOnly(): boolean {
    return this.#core.info?.readOnly ?? false;
  }

  /** The IP address from which this process reaches its server; undefined before there is one, and where the driver cannot tell. */
  get localAddress(): string | undefined {
    return this.#core.info?.localAddress;
  }

  /** The current ZooKeeper session, or the last one, ended, while the next is being opened. */
  get session(): Session {
    if (this.#session === undefined) throw new ClosedError("there was no session yet", { op: "session" });
    return this.#session;
  }

  /** Newest failure of every server that was tried since the last success. */
  get failedAttempts(): readonly ConnectAttempt[] {
    return [...this.#attempts.values()];
  }

  /** The server that is being tried right now; undefined while connected, between two attempts, and with a driver that does not know. */
  get trying(): string | undefined {
    const { trying } = this.#core;
    return trying && formatServer(trying);
  }

  /**
   * Resolves with the session as soon as a server serves it. Waits through lost sessions.
   *
   * @throws TimeoutError, AbortedError, ClosedError
   */
  whenConnected(bounds: Bounds = {}): Promise<Session> {
    return within(bounds, { op: "whenConnected", outcome: () => "not-applied" }, async ({ signal }) => {
      await this.#gate.wait({ signal });
      return this.session;
    });
  }

  /**
   * Follows a znode, its children or its subtree, across reconnects and new sessions. Armed at once: what this client does afterwards is seen.
   *
   * @throws InvalidArgumentError
   */
  watch(path: string, options: WatchOptions = {}): Watch {
    validatePath(path, "watch");
    checkOptions(options, { op: "watch", path });
    const { watchAt = path } = options;
    validatePath(watchAt, "watch");
    const { toServer, toClient } = this.#chroot;
    return this.#watches.watch(toServer(path), { ...options, watchAt: toServer(watchAt), toClient });
  }

  /**
   * Keeps a copy of a znode, of its children or of its subtree (the default) in memory. Resolves with the first full view; a missing root is
   * an empty cache that fills when it appears.
   *
   * @throws InvalidArgumentError, NoAuthError (the root may not be read), TimeoutError, AbortedError, ClosedError
   */
  async cache<Mode extends CacheMode = "tree">(
    path: string,
    options?: CacheOptions & { readonly mode?: Mode | undefined },
  ): Promise<CacheTypes[Mode]> {
    validatePath(path, "cache");
    const reader = cacheReader(this.caller, (watched, watchOptions) => this.watch(watched, watchOptions));
    return openCache<Mode>(reader, path, options);
  }

  /**
   * Presents one more identity, now and at every later connect. Resolves once a server has accepted it.
   *
   * @throws InvalidArgumentError; AuthFailedError if it is refused, which closes the client; TimeoutError, AbortedError; ClosedError
   */
  async addAuth(auth: Auth, bounds: Bounds = {}): Promise<void> {
    const credential = credentialOf(auth, "addAuth");
    return within(bounds, { op: "addAuth" }, async ({ signal }) => {
      this.#credentials = [...this.#credentials, credential];
      try {
        await this.#core.addCredential(credential);
      } catch (error) {
        if (!(error instanceof SessionExpiredError)) throw error;
        // The next session presents it before it counts as connected.
        await this.#gate.wait({ signal });
      }
    });
  }

  /**
   * Replaces the server list. If the server in use is no longer listed, the session moves to one that is.
   *
   * @param text as for `connect()`, without a chroot
   * @throws InvalidArgumentError
   */
  setServers(text: string): void {
    const { servers, chroot: path } = parseConnectString(text, "setServers");
    if (path !== "") throw new InvalidArgumentError(`the chroot cannot be changed to ${path}`, { op: "setServers" });
    this.#servers = servers;
    this.#core.setServers(servers);
  }

  /** The ensemble's configuration as the servers know it. */
  ensembleConfig(bounds?: Bounds): Promise<EnsembleConfig> {
    return ensembleConfig(this.caller, bounds);
  }

  /**
   * Changes the ensemble's membership. The servers need `reconfigEnabled=true` and let only a super user do it. The client's own server list
   * is never touched: see `setServers`.
   */
  reconfig(options: ReconfigOptions): Promise<EnsembleConfig> {
    return reconfigure(this.caller, options);
  }

  /**
   * Ends the session at the server, and lets go of everything. What is under way rejects with ClosedError at once. While no server is connected
   * one is looked for, as long as the session lives: without it the session's ephemeral znodes stay until its timeout. Idempotent; resolves
   * within `timeoutMs` whatever happens.
   *
   * @param options `timeoutMs`: how long to wait for a server, milliseconds; default 2 000
   * @throws InvalidArgumentError, and nothing else
   */
  async close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    checkBounds(options, { op: "close" });
    const { timeoutMs = 2_000 } = options;
    this.#shutDown(undefined, timeoutMs);
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #shutDown(forced: Error | undefined, timeoutMs: number): void {
    if (this.state === "closed") return;
    // First of all: what follows wakes the application, which may close the client once more.
    this.#move("closed");
    this.#state.end();
    const reason = forced ?? new ClosedError("the client was closed");
    this.#gate.fail(notSent(reason));
    this.#watches.close(reason);
    const settle = (): void => this.#settleClosed(forced);
    this.#core.end(reason, timeoutMs).then(settle, settle);
  }

  #openSession(): SessionCore {
    const { driver, sessionMarginMs, ...options } = this.#options;
    const core: SessionCore = new SessionCore(
      driver,
      { ...options, servers: this.#servers, credentials: this.#credentials },
      sessionMarginMs,
      this.#watches,
      {
        connected: (info) => this.#connected(core, info),
        suspended: () => {
          this.#gate.shut();
          this.#move("disconnected");
        },
        attemptFailed: (address, cause) => {
          const server = formatServer(address);
          this.#attempts.set(server, { server, cause });
          this.#options.logger.warn(`cannot use server ${server}`, { cause });
        },
        watch: (event) => this.#watches.dispatch(event),
        ended: (reason, fatal) => this.#ended(reason, fatal),
      },
    );
    return core;
  }

  #connected(core: SessionCore, info: Connected): void {
    this.#attempts.clear();
    if (core.sessionId === this.#session?.id) {
      this.#watches.reconnected();
    } else {
      this.#session = new Session(core, info, { ...this.#callerOptions(), acl: this.#options.acl });
      this.#watches.sessionStarted(core);
    }
    this.#gate.open();
    this.#move("connected");
  }

  #ended(reason: Error, fatal: boolean): void {
    if (fatal) return this.#shutDown(reason, 0);
    this.#options.logger.warn("the session was lost", { reason });
    this.#gate.shut();
    this.#watches.sessionEnded();
    this.#move("session-ended");
    this.#core = this.#openSession();
  }

  #move(event: ConnectionEvent): void {
    const before = this.#state.value;
    const after = nextState(before, event);
    if (after === before) return;
    this.#state.set(after);
    traceState(after, this.#core.sessionId);
    this.#options.logger.debug(`connection ${before} -> ${after}`);
  }

  #currentSessionCaller(): Caller {
    const core = (): SessionCore => this.#core;
    const { driver } = this.#options;
    return new Caller(
      {
        get connected() {
          return core().connected;
        },
        get sessionId() {
          return core().sessionId;
        },
        capabilities: driver.capabilities,
        cannot: (operation) => cannot(driver, operation),
        get seenZxid() {
          return core().seenZxid;
        },
        request: (operation) => core().request(operation),
        whenConnected: (options: WaitOptions) => this.#gate.wait(options),
      },
      { ...this.#callerOptions(), outlivesSession: true },
    );
  }

  #callerOptions(): Omit<CallerOptions, "outlivesSession"> {
    const { retry, random, operationTimeoutMs } = this.#options;
    return { retry, random, operationTimeoutMs, chroot: this.#chroot };
  }
}
