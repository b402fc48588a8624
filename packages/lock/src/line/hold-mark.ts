import { type Lease, NodeExistsError, NoNodeError, type Session } from "@quorate/core";
import { deleteOwn, joinPath, onAbort, overLoss, type Place, pause } from "@quorate/core/recipe";

/** Beside the contenders: no name of a contender, and sorted behind all of them by Curator. */
const markName = "held";

/**
 * A persistent znode that is there as long as somebody holds the lock, and stays behind if the holder is lost: made by the holder, removed
 * together with its own znode by one transaction. Whoever finds one that is not its own knows that nobody gave the lock back.
 */
export class HoldMark {
  readonly #session: Session;
  readonly #holder: Place;
  readonly #path: string;
  #isMade = false;

  constructor(holder: Place) {
    this.#session = holder.session;
    this.#holder = holder;
    this.#path = joinPath(holder.line.directory, markName);
  }

  /**
   * Makes the mark; if one was left behind, waits first and takes it over.
   *
   * @throws LeaseLostError; the signal's reason; the session's end; the server's refusal
   */
  async make(
    lease: Lease,
    { delayMs, signal }: { readonly delayMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<void> {
    if (!(await this.#create(lease))) {
      await pauseWhileHeld(lease, delayMs, signal);
      await overLoss(() => lease.transaction().set(this.#path, this.#holder.name).commit());
    }
    this.#isMade = true;
    signal?.throwIfAborted();
  }

  /** Gives the lock back, with the mark if it was made. */
  async leave(): Promise<void> {
    const { path } = this.#holder;
    if (!this.#isMade) return deleteOwn(this.#session, path);
    try {
      await overLoss(() => this.#session.transaction().delete(path).delete(this.#path).commit());
    } catch (error) {
      // The holder's znode is gone: by this very transaction, or its loss is what the mark tells of.
      if (this.#session.signal.aborted || (error instanceof NoNodeError && error.index === 0)) return;
      if (!(error instanceof NoNodeError)) throw error;
      await deleteOwn(this.#session, path);
    }
  }

  /** @returns false if another's was left behind */
  async #create(lease: Lease): Promise<boolean> {
    try {
      await overLoss(() => lease.transaction().create(this.#path, this.#holder.name).commit());
      return true;
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
      // Ours, if the answer to its creation was lost.
      const { data } = await overLoss(() => this.#session.get(this.#path));
      return data !== null && Buffer.from(data).toString() === this.#holder.name;
    }
  }
}

async function pauseWhileHeld(lease: Lease, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  lease.assertHeld();
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const offs = [onAbort(signal, end), onAbort(lease.signal, end)];
  await pause(delayMs, ending.signal);
  for (const off of offs) off();
  signal?.throwIfAborted();
  lease.assertHeld();
}
