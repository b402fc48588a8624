import type { Lease } from "@quorate/core";
import { onAbort } from "@quorate/core/recipe";
import { SharedHold } from "./shared-hold.ts";

/** The holds of one lock by their owners: one for each, however often it is acquired. */
export class Holds {
  readonly #holds = new Map<unknown, SharedHold>();
  readonly #acquiring = new Map<unknown, Acquiring>();

  /**
   * Enters the hold of this owner, or acquires it. Of several calls at once one acquires, and the others wait for what becomes of that.
   *
   * @throws the signal's reason; what `acquire` throws
   */
  enter(owner: unknown, signal: AbortSignal | undefined, acquire: () => Promise<Lease>): Promise<Lease> {
    return this.#enter(owner, signal, true, acquire);
  }

  /**
   * As `enter()`, but never waits for anyone who waits for other holders.
   *
   * @returns undefined where `acquire` has none, or the owner stands in line already
   */
  tryEnter(
    owner: unknown,
    signal: AbortSignal | undefined,
    acquire: () => Promise<Lease | undefined>,
  ): Promise<Lease | undefined> {
    return this.#enter(owner, signal, false, acquire);
  }

  async #enter<Got extends Lease | undefined>(
    owner: unknown,
    signal: AbortSignal | undefined,
    waits: boolean,
    acquire: () => Promise<Got>,
  ): Promise<Lease | Got> {
    for (let others = this.#acquiring.get(owner); others !== undefined; others = this.#acquiring.get(owner)) {
      // For those who do not wait, who may get nothing.
      if (others.waits && !waits) return undefined as Got;
      await settled(others.done, signal);
    }
    const entered = this.#holds.get(owner);
    if (entered?.isHeld === true) return entered.enter();
    const acquiring = acquire();
    this.#acquiring.set(owner, { done: acquiring, waits });
    try {
      const lease = await acquiring;
      if (lease === undefined) return lease;
      const hold = new SharedHold(lease, () => {
        if (this.#holds.get(owner) === hold) this.#holds.delete(owner);
      });
      this.#holds.set(owner, hold);
      return hold.enter();
    } finally {
      this.#acquiring.delete(owner);
    }
  }
}

interface Acquiring {
  readonly done: Promise<unknown>;
  /** Whether it waits for other holders. */
  readonly waits: boolean;
}

/** Resolves when it has settled, whatever with; rejects with the signal's reason. */
function settled(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const off = onAbort(signal, () => reject(signal?.reason));
    const finish = (): void => {
      off();
      resolve();
    };
    promise.then(finish, finish);
  });
}
