import type { Operation, OperationName, QuorateError, Reply } from "@quorate/protocol";
import { allCapabilities } from "../../src/driver/capabilities.ts";
import type { Capability } from "../../src/driver/capability.ts";
import type {
  CloseOptions,
  Connected,
  Driver,
  DriverEvents,
  DriverOptions,
  DriverSession,
  ServerAddress,
  WatchEvent,
} from "../../src/driver/driver.ts";
import { ClosedError, ConnectionLossError, type Outcome, SessionExpiredError } from "../../src/errors/client-errors.ts";
import { errorFromServer } from "../../src/errors/server-errors.ts";
import { turns } from "./turns.ts";
import { type Listener, Refusal, ZnodeTree } from "./znode-tree.ts";

/** A request the test has not dealt with yet. */
export interface Asked {
  readonly operation: Operation;
  readonly sentAt: number;
  resolve(reply: object): void;
  reject(error: Error): void;
}

/** A driver whose servers are the test. */
export class FakeDriver implements Driver {
  readonly name = "fake";
  /** What its sessions are served from, where the test does not answer by itself. */
  readonly tree: ZnodeTree;
  capabilities: ReadonlySet<Capability> = allCapabilities;
  readonly sessions: FakeSession[] = [];

  readonly #ids: bigint;

  /** @param ids what the ids of its sessions come after */
  constructor(tree: ZnodeTree = new ZnodeTree(), ids: bigint = 0n) {
    this.tree = tree;
    this.#ids = ids;
  }

  open(options: DriverOptions, events: DriverEvents): FakeSession {
    const session = new FakeSession(options, events, this.#ids + BigInt(this.sessions.length + 1), this.tree);
    this.sessions.push(session);
    return session;
  }

  /** The one opened last. */
  get session(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("no session was opened");
    return session;
  }
}

export class FakeSession implements DriverSession {
  readonly options: DriverOptions;
  readonly id: bigint;
  readonly added: { readonly credential: Uint8Array; resolve(): void; reject(error: Error): void }[] = [];
  /** Not dealt with yet, oldest first. */
  readonly open: Asked[] = [];
  /** Everything that was ever sent, as `op path`. */
  readonly log: string[] = [];
  servers: readonly ServerAddress[];
  acknowledgedAt: number | undefined;
  lastZxid: bigint | undefined = 10n;
  closeCalls = 0;
  /** How it was closed first. */
  closing: CloseOptions | undefined;
  trying: ServerAddress | undefined;
  closedFor: Error | undefined;
  /** Resolves `close()`; undefined while nobody closed it, or when it resolves at once. */
  finishClosing: (() => void) | undefined;
  /** Whether `close()` waits for `finishClosing`. */
  slowToClose = false;
  readonly #events: DriverEvents;
  readonly #tree: ZnodeTree;
  readonly #onChange: Listener = (type, path) => {
    if (this.#connected) this.#tell("watch", { type, path, zxid: -1n });
    else this.#missed.push({ type, path, zxid: -1n });
  };
  /** Told at the next connect, when a driver arms its watches anew. */
  readonly #missed: WatchEvent[] = [];
  #connected = false;
  #muted = false;
  #closing: Promise<void> | undefined;

  constructor(options: DriverOptions, events: DriverEvents, id: bigint, tree: ZnodeTree) {
    this.options = options;
    this.servers = options.servers;
    this.id = id;
    this.#events = events;
    this.#tree = tree;
  }

  request<Name extends OperationName>(asked: Operation<Name>): Promise<Reply<Name>> {
    const operation = asked as Operation;
    if (this.closedFor !== undefined) return Promise.reject(this.closedFor);
    if (!this.#connected) return Promise.reject(lossOf(operation, "not-applied"));
    this.log.push(`${operation.op} ${"path" in operation ? operation.path : ""}`.trim());
    return new Promise((resolve, reject) => {
      this.open.push({ operation, sentAt: performance.now(), resolve: resolve as (reply: object) => void, reject });
    });
  }

  addCredential({ credential }: { readonly credential: Uint8Array }): Promise<void> {
    if (this.closedFor !== undefined) return Promise.reject(this.closedFor);
    return new Promise((resolve, reject) => this.added.push({ credential, resolve, reject }));
  }

  setServers(servers: readonly ServerAddress[]): void {
    this.servers = servers;
  }

  close(options: CloseOptions = {}): Promise<void> {
    const { reason = new ClosedError("closed") } = options;
    this.closeCalls++;
    this.closing ??= options;
    this.#muted = true;
    this.#connected = false;
    this.closedFor ??= reason;
    for (const { reject } of this.open.splice(0)) reject(this.closedFor);
    for (const { reject } of this.added.splice(0)) reject(this.closedFor);
    this.#closing ??= this.slowToClose
      ? new Promise((resolve) => {
          this.finishClosing = resolve;
        })
      : Promise.resolve();
    return this.#closing;
  }

  /** A server serves the session. */
  async connect(info: Partial<Connected> = {}): Promise<void> {
    this.#connected = true;
    this.acknowledgedAt = performance.now();
    this.#tell("connected", {
      sessionId: this.id,
      negotiatedTimeoutMs: this.options.sessionTimeoutMs,
      server: this.servers[0] as ServerAddress,
      readOnly: false,
      ...info,
    });
    for (const event of this.#missed.splice(0)) this.#tell("watch", event);
    await turns();
  }

  /** The connection breaks: what was asked and not answered may have been applied. */
  async disconnect(cause: Error = new Error("broken")): Promise<void> {
    this.#connected = false;
    for (const { operation, reject } of this.open.splice(0)) reject(lossOf(operation, "unknown"));
    this.#tell("disconnected", { cause });
    await turns();
  }

  /** As if the driver knew already that the connection is gone, and the news of it were still on their way. */
  refuseQuietly(): void {
    this.#connected = false;
  }

  async expire(): Promise<void> {
    this.#connected = false;
    const reason = new SessionExpiredError("expired");
    for (const { reject } of this.open.splice(0)) reject(reason);
    this.closedFor ??= reason;
    this.#tell("expired");
    await turns();
  }

  /** As `expire()`, but what the listener throws comes back. */
  endNow(): void {
    this.#events.expired();
  }

  async failAuth(cause: QuorateError): Promise<void> {
    this.#tell("authFailed", { cause });
    await turns();
  }

  async failAttempt(server: ServerAddress, cause: Error): Promise<void> {
    this.#tell("attemptFailed", { server, cause });
    await turns();
  }

  async fireWatch(type: "created" | "deleted" | "dataChanged" | "childrenChanged", path: string): Promise<void> {
    this.#tell("watch", { type, path, zxid: -1n });
    await turns();
  }

  /** Answers the oldest request. */
  async answer(reply: object = {}): Promise<void> {
    const asked = this.#take();
    this.acknowledgedAt = asked.sentAt;
    asked.resolve(reply);
    await turns();
  }

  /** Answers the oldest request with a server's error. */
  async refuse(serverCode: number, index?: number): Promise<void> {
    const { operation, sentAt, reject } = this.#take();
    this.acknowledgedAt = sentAt;
    const path = "path" in operation ? operation.path : undefined;
    reject(errorFromServer(serverCode, { op: operation.op, path, index }));
    await turns();
  }

  /** Serves that many of the oldest requests from the tree; by default whatever is asked, until nothing more is. */
  async serve(count: number = Number.POSITIVE_INFINITY): Promise<void> {
    await turns();
    for (let served = 0; served < count && this.open.length > 0; served++) {
      const { operation } = this.open[0] as Asked;
      try {
        await this.answer(this.#tree.apply(operation, this.id, this.#onChange));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        await this.refuse(error.serverCode);
      }
    }
  }

  /** As `disconnect()`, but what was asked has been applied: only the answers are lost. */
  async loseAnswers(): Promise<void> {
    for (const { operation } of this.open) {
      try {
        this.#tree.apply(operation, this.id, this.#onChange);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
    await this.disconnect();
  }

  /** The server's side of the end of a session. */
  async endAtServer(): Promise<void> {
    this.#tree.forget(this.#onChange);
    this.#tree.endSession(this.id);
    await turns();
  }

  /** What was sent since the last look. */
  takeLog(): string[] {
    return this.log.splice(0);
  }

  #take(): Asked {
    const asked = this.open.shift();
    if (asked === undefined) throw new Error("nothing was asked");
    return asked;
  }

  /** In a microtask of its own, behind the rejections made before it: as the wire driver does. */
  #tell<Name extends keyof DriverEvents>(name: Name, ...details: Parameters<DriverEvents[Name]>): void {
    queueMicrotask(() => {
      if (this.#muted) return;
      (this.#events[name] as (...details: Parameters<DriverEvents[Name]>) => void)(...details);
    });
  }
}

function lossOf(operation: Operation, outcome: Outcome): ConnectionLossError {
  const path = "path" in operation ? operation.path : undefined;
  return new ConnectionLossError(`${operation.op}: lost`, { op: operation.op, path, outcome });
}
