import { ConnectionLossError } from "../errors/client-errors.ts";
import { clampDelay } from "./bounded.ts";
import { onAbort } from "./on-abort.ts";

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Rejects the wait with ConnectionLossError, `outcome: "not-applied"`, when it passes. Default: no limit. */
  readonly limit?: WaitLimit | undefined;
}

export interface WaitLimit {
  /** Milliseconds from `since` on. */
  readonly ms: number;
  /** By `performance.now()`: several waits may share a limit. */
  readonly since: number;
  /** The option that set it, for the error. */
  readonly option: string;
}

/** Something many wait for, that comes and goes, and may one day never come again. */
export class Gate {
  #open = false;
  #failure: Error | undefined;
  readonly #waiters = new Set<{ resolve: () => void; reject: (error: Error) => void }>();

  get isOpen(): boolean {
    return this.#open;
  }

  open(): void {
    if (this.#failure !== undefined) return;
    this.#open = true;
    for (const waiter of this.#waiters) waiter.resolve();
  }

  shut(): void {
    this.#open = false;
  }

  /** Final: everyone waiting, now and later, is rejected. */
  fail(error: Error): void {
    this.#open = false;
    this.#failure ??= error;
    for (const waiter of this.#waiters) waiter.reject(this.#failure);
  }

  /** Rejects with the failure, with the signal's reason, or with ConnectionLossError at the limit. */
  wait({ signal, limit }: WaitOptions = {}): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#open) return Promise.resolve();
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        unfollow();
        this.#waiters.delete(waiter);
      };
      const waiter = {
        resolve: (): void => {
          leave();
          resolve();
        },
        reject: (error: Error): void => {
          leave();
          reject(error);
        },
      };
      const timer =
        limit === undefined
          ? undefined
          : setTimeout(() => waiter.reject(noServer(limit)), clampDelay(limit.since + limit.ms - performance.now()));
      const unfollow = onAbort(signal, () => waiter.reject(signal?.reason));
      this.#waiters.add(waiter);
    });
  }
}

function noServer({ ms, option }: WaitLimit): ConnectionLossError {
  return new ConnectionLossError(`no server could be reached within ${ms} ms (${option})`, { outcome: "not-applied" });
}
