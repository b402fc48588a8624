import { onAbort } from "../bounds/on-abort.ts";
import { LeaseLostError, type LeaseLostReason, SessionExpiredError } from "../errors/client-errors.ts";
import type { Logger } from "../logger.ts";
import { DeletionWatch } from "../recipe/deletion-watch.ts";
import { coreOf, type Session } from "../session/session.ts";
import { deleteOwn } from "./delete-own.ts";
import { type Fence, FencedTransaction } from "./fenced-transaction.ts";
import type { Lease, LeaseTransaction } from "./lease.ts";

/**
 * What to do when the connection goes away while the session may live. `hold-until-deadline`: still held, up to `validUntil`. `abort`: lost at
 * once, for work that must not go on unseen; nobody else gets it before `release()` or the end of the session.
 */
export type SuspendedPolicy = "hold-until-deadline" | "abort";

export interface NodeLeaseOptions {
  /** The session that owns the znode. */
  readonly session: Session;
  /** The holder's znode, ephemeral, under a name nobody else uses. */
  readonly path: string;
  /** Its czxid. */
  readonly fencingToken: bigint;
  /** What is held, for messages: such as `lock /locks/orders`. */
  readonly subject: string;
  readonly onSuspended: SuspendedPolicy;
  readonly logger: Logger;
  /** A watch on the holder's znode that is armed already; the lease takes it over. */
  readonly watch?: DeletionWatch | undefined;
  /** How it is given back. Default: the znode is deleted, over connection loss. */
  readonly giveBack?: (() => Promise<void>) | undefined;
}

/**
 * How long a lease is held before its znode is watched, milliseconds. Most leases are shorter, and need not pay a request for it: a fenced
 * transaction finds a missing znode in any case.
 */
const watchAfterMs = 100;

/** The lease on what one ephemeral znode stands for. */
export class NodeLease implements Lease {
  readonly fencingToken: bigint;
  /** The holder's znode. */
  readonly path: string;
  readonly #session: Session;
  readonly #subject: string;
  readonly #logger: Logger;
  readonly #controller = new AbortController();
  readonly #stopListening: () => void;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #takeBack: () => Promise<void>;
  #watch: DeletionWatch | undefined;
  #lost: LeaseLostError | undefined;
  #released: Promise<void> | undefined;
  /** `performance.now()` of the loss or the release, whichever came first. */
  #endedAt = Number.POSITIVE_INFINITY;

  constructor(options: NodeLeaseOptions) {
    const { session, path, fencingToken, subject, onSuspended, logger, watch } = options;
    this.fencingToken = fencingToken;
    this.path = path;
    this.#session = session;
    this.#subject = subject;
    this.#logger = logger;
    this.#takeBack = options.giveBack ?? (() => deleteOwn(session, path));

    const offSuspended =
      onSuspended === "abort"
        ? coreOf(session).onSuspended((cause) => this.#lose("suspended", "the connection is suspended", cause))
        : undefined;
    const offEnd = onAbort(session.signal, () => this.#loseSession());
    this.#stopListening = () => {
      offEnd();
      offSuspended?.();
    };
    const onDeleted = (): void => void this.#lose("node-deleted", "its znode was deleted");
    this.#watch = watch;
    if (watch === undefined) {
      this.#timer = setTimeout(() => {
        this.#watch = new DeletionWatch(session, path, onDeleted);
      }, watchAfterMs);
      this.#timer.unref();
    } else {
      watch.onDeleted = onDeleted;
    }
    if (session.signal.aborted) this.#loseSession();
    else if (watch?.isGone) onDeleted();
    else if (onSuspended === "abort" && !session.connected) this.#lose("suspended", "the connection is suspended");
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get validUntil(): number {
    return Math.min(this.#session.validUntil, this.#endedAt);
  }

  assertHeld(): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#released !== undefined) throw this.#givenBack();
    if (performance.now() >= this.#session.validUntil) {
      throw this.#error("deadline-passed", "no server confirmed the session in time");
    }
  }

  transaction(): LeaseTransaction {
    return new FencedTransaction(this.#session.transaction(), [this.fence]);
  }

  /** For transactions that several leases guard together. */
  get fence(): Fence {
    return {
      path: this.path,
      assertHeld: () => this.assertHeld(),
      gone: (cause) =>
        this.#released === undefined
          ? this.#lose("node-deleted", "its znode was deleted", cause)
          : this.#givenBack(cause),
    };
  }

  release(): Promise<void> {
    this.#released ??= this.#giveBack();
    return this.#released;
  }

  /** As `release()`, but a failure is logged instead of thrown: it must not hide an error of the body. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      this.#logger.error(`could not release the ${this.#subject}`, { error });
    }
  }

  async #giveBack(): Promise<void> {
    this.#end();
    this.#watch?.abandon();
    await this.#takeBack();
  }

  #loseSession(): void {
    const cause: unknown = this.#session.signal.reason;
    const byDeadline = cause instanceof SessionExpiredError && cause.endedBy === "deadline";
    if (byDeadline) this.#lose("deadline-passed", "no server confirmed the session in time", cause);
    else this.#lose("session-ended", "the session ended", cause);
  }

  #lose(reason: LeaseLostReason, why: string, cause?: unknown): LeaseLostError {
    if (this.#lost !== undefined) return this.#lost;
    this.#lost = this.#error(reason, why, cause);
    this.#end();
    this.#watch?.stop();
    this.#controller.abort(this.#lost);
    return this.#lost;
  }

  #end(): void {
    this.#endedAt = Math.min(this.#endedAt, performance.now());
    this.#stopListening();
    clearTimeout(this.#timer);
  }

  #givenBack(cause?: unknown): LeaseLostError {
    return this.#error("released", "it was released", cause);
  }

  #error(reason: LeaseLostReason, why: string, cause?: unknown): LeaseLostError {
    return new LeaseLostError(`${this.#subject} is no longer held: ${why}`, { reason, path: this.path, cause });
  }
}
