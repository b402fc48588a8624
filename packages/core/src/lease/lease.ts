import type { Bounds } from "../bounds/bounded.ts";
import type { CreateNodeOptions } from "../operations/creation.ts";
import type { Data } from "../operations/data.ts";
import type { TransactionResult } from "../operations/transaction.ts";

/** What every exclusive recipe hands out: the proof of holding something, and the truth about how long. */
export interface Lease extends AsyncDisposable {
  /** czxid of the holder's znode: strictly grows from holder to holder. */
  readonly fencingToken: bigint;
  /**
   * Aborts with a LeaseLostError when what was held may be held by someone else: the session ended, the local deadline passed, the own
   * znode was deleted by someone else, or the connection is suspended and the policy says so. Not by `release()`.
   */
  readonly signal: AbortSignal;
  /** Up to when, by `performance.now()` in milliseconds, the lease is certain. Moves on while the servers answer. */
  readonly validUntil: number;
  /**
   * Looks at the clock itself, so that an event loop that was blocked, or a process that slept, cannot be fooled by a signal that had no
   * chance to abort.
   *
   * @throws LeaseLostError
   */
  assertHeld(): void;
  /**
   * A fenced write: the transaction first checks that the holder's znode exists, so that nothing is applied once the lease is gone, whatever
   * this process believes.
   */
  transaction(): LeaseTransaction;
  /**
   * Gives it back. Idempotent. Retried over connection loss until the holder's znode is gone or the session has ended, which removes it
   * too; so it never takes longer than the session's deadline.
   */
  release(): Promise<void>;
}

/** A transaction guarded by a lease. Indexes of errors and results count the caller's operations from 0; the guard is not among them. */
export interface LeaseTransaction {
  check(path: string, version?: number): this;
  create(path: string, data?: Data, options?: CreateNodeOptions): this;
  set(path: string, data: Data, options?: { readonly version?: number }): this;
  delete(path: string, options?: { readonly version?: number }): this;
  /** @throws LeaseLostError when the lease is gone; nothing was applied */
  commit(bounds?: Bounds): Promise<TransactionResult[]>;
}
