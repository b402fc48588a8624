import type { Operation, OperationName, Reply } from "@quorate/protocol";
import { clampDelay } from "../bounds/bounded.ts";
import { Gate, type WaitOptions } from "../bounds/gate.ts";
import { cannot } from "../driver/capabilities.ts";
import type { Capability } from "../driver/capability.ts";
import type { Credential } from "../driver/credentials.ts";
import type {
  CloseOptions,
  Connected,
  Driver,
  DriverOptions,
  DriverSession,
  ServerAddress,
  WatchEvent,
} from "../driver/driver.ts";
import { SessionExpiredError } from "../errors/client-errors.ts";
import type { Line } from "../operations/line.ts";
import type { WatchHub } from "../watch/watch-hub.ts";
import { defaultMarginMs, sessionDeadline } from "./deadline.ts";
import { notSent } from "./not-sent.ts";
import type { SessionLink } from "./session-link.ts";

export interface SessionHooks {
  connected(info: Connected): void;
  suspended(cause: Error): void;
  attemptFailed(server: ServerAddress, cause: Error): void;
  watch(event: WatchEvent): void;
  /** Final, and not by `end()`. `fatal` if another session would fare no better. */
  ended(reason: Error, fatal: boolean): void;
}

/**
 * The life of one ZooKeeper session: opening, connected and suspended by turns, ended. It ends by the server's word, by the local deadline
 * or by `end()`, once, and from then on rejects everything.
 */
export class SessionCore implements Line, SessionLink {
  /** The client's watches, for what is armed in this session. */
  readonly watches: WatchHub;
  readonly #driver: Driver;
  readonly #session: DriverSession;
  readonly #marginMs: number | undefined;
  readonly #hooks: SessionHooks;
  readonly #gate = new Gate();
  readonly #controller = new AbortController();
  readonly #suspensionListeners = new Set<(cause: Error) => void>();
  #info: Connected | undefined;
  #ended: Error | undefined;
  #endedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    driver: Driver,
    options: DriverOptions,
    marginMs: number | undefined,
    watches: WatchHub,
    hooks: SessionHooks,
  ) {
    this.watches = watches;
    this.#marginMs = marginMs;
    this.#hooks = hooks;
    this.#driver = driver;
    this.#session = driver.open(options, {
      connected: (info) => this.#connected(info),
      disconnected: ({ cause }) => this.#disconnected(cause),
      attemptFailed: ({ server, cause }) => this.#ended === undefined && hooks.attemptFailed(server, cause),
      expired: () => this.#lose(expiredByServer(), false),
      authFailed: ({ cause }) => this.#lose(cause, true),
      watch: (event) => this.#ended === undefined && hooks.watch(event),
    });
  }

  get info(): Connected | undefined {
    return this.#info;
  }

  get sessionId(): bigint | undefined {
    return this.#info?.sessionId;
  }

  get seenZxid(): bigint | undefined {
    return this.#session.lastZxid;
  }

  get trying(): ServerAddress | undefined {
    return this.#session.trying;
  }

  get connected(): boolean {
    return this.#gate.isOpen;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** By `performance.now()`, milliseconds. The moment of its end once it ended. */
  get validUntil(): number {
    if (this.#endedAt !== undefined) return this.#endedAt;
    if (this.#info === undefined || this.#session.acknowledgedAt === undefined) return Number.NEGATIVE_INFINITY;
    const { negotiatedTimeoutMs } = this.#info;
    const marginMs = this.#marginMs ?? defaultMarginMs(negotiatedTimeoutMs);
    return sessionDeadline(this.#session.acknowledgedAt, negotiatedTimeoutMs, marginMs);
  }

  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>> {
    const refusal = this.cannot(operation as Operation);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#ended !== undefined) return Promise.reject(notSent(this.#ended, operation.op));
    return this.#session.request(operation);
  }

  get capabilities(): ReadonlySet<Capability> {
    return this.#driver.capabilities;
  }

  cannot(operation: Operation): Error | undefined {
    return cannot(this.#driver, operation);
  }

  whenConnected(options: WaitOptions = {}): Promise<void> {
    return this.#gate.wait(options);
  }

  /** Calls `listener` whenever the connection goes away while the session may live. */
  onSuspended(listener: (cause: Error) => void): () => void {
    this.#suspensionListeners.add(listener);
    return () => this.#suspensionListeners.delete(listener);
  }

  setServers(servers: readonly ServerAddress[]): void {
    this.#session.setServers(servers);
  }

  addCredential(credential: Credential): Promise<void> {
    return this.#session.addCredential(credential);
  }

  /**
   * Ends the session, at the server too if one can be told within `timeoutMs` milliseconds: while none is connected, before the session's
   * deadline. Resolves once the driver has let go of everything.
   */
  end(reason: Error, timeoutMs: number): Promise<void> {
    const boundMs = Math.min(timeoutMs, this.#tellableMs());
    this.#finish(reason, () => {}, { timeoutMs: boundMs, seek: true });
    return this.#session.close({ reason });
  }

  /** For how long it makes sense to tell a server of the session's end. */
  #tellableMs(): number {
    if (this.connected) return Number.POSITIVE_INFINITY;
    if (this.#info === undefined) return openingMs;
    return Math.max(0, this.validUntil - performance.now());
  }

  #connected(info: Connected): void {
    if (this.#ended !== undefined) return;
    this.#info = info;
    this.#gate.open();
    this.#hooks.connected(info);
    this.#watchDeadline();
  }

  #disconnected(cause: Error): void {
    if (this.#ended !== undefined) return;
    this.#gate.shut();
    this.#hooks.suspended(cause);
    for (const listener of [...this.#suspensionListeners]) listener(cause);
  }

  /** One timer that, when it fires, looks how far answers have moved the deadline meanwhile. */
  #watchDeadline(): void {
    clearTimeout(this.#timer);
    if (this.#ended !== undefined) return;
    this.#timer = setTimeout(
      () => {
        // After a blocked event loop answers may lie in the socket still unread: they count.
        setImmediate(() => this.#checkDeadline());
      },
      clampDelay(this.validUntil - performance.now()),
    );
    this.#timer.unref();
  }

  #checkDeadline(): void {
    if (this.#ended !== undefined) return;
    if (performance.now() < this.validUntil) return this.#watchDeadline();
    this.#lose(deadlinePassed(), false);
  }

  #lose(reason: Error, fatal: boolean): void {
    this.#finish(reason, () => this.#hooks.ended(reason, fatal));
  }

  /** @param tell the owner first: whoever is woken by the signal finds the owner's state to be the new one */
  #finish(reason: Error, tell: () => void, closing: CloseOptions = {}): void {
    if (this.#ended !== undefined) return;
    this.#endedAt = Math.min(this.validUntil, performance.now());
    this.#ended = reason;
    clearTimeout(this.#timer);
    this.#suspensionListeners.clear();
    void this.#session.close({ ...closing, reason });
    this.#gate.fail(notSent(reason));
    try {
      tell();
    } finally {
      this.#controller.abort(reason);
    }
  }
}

/**
 * How long the end of a session may wait for the answer that opens it, milliseconds: without it there is nothing to tell the server, which
 * would keep the session for its whole timeout.
 */
const openingMs = 250;

function expiredByServer(): SessionExpiredError {
  return new SessionExpiredError("the server says that the session has expired");
}

function deadlinePassed(): SessionExpiredError {
  return new SessionExpiredError("the local deadline passed: no server confirmed the session in time", {
    endedBy: "deadline",
  });
}
