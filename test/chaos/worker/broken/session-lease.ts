import {
  type Bounds,
  type Lease,
  LeaseLostError,
  type LeaseTransaction,
  NoNodeError,
  type Session,
} from "@quorate/core";
import { overLoss } from "@quorate/core/recipe";

/** A lease that lasts as long as a session, be the znode whose it may, and does not look after that znode. */
export class SessionLease implements Lease {
  readonly fencingToken: bigint;
  readonly #session: Session;
  readonly #path: string;
  readonly #controller = new AbortController();

  constructor(session: Session, path: string, fencingToken: bigint) {
    this.#session = session;
    this.#path = path;
    this.fencingToken = fencingToken;
    if (session.signal.aborted) this.#lose();
    else session.signal.addEventListener("abort", () => this.#lose(), { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get validUntil(): number {
    return this.#session.validUntil;
  }

  assertHeld(): void {
    if (performance.now() >= this.validUntil) throw this.#error();
  }

  transaction(): LeaseTransaction {
    const transaction = this.#session.transaction().check(this.#path);
    const commit = transaction.commit.bind(transaction);
    return Object.assign(transaction, {
      commit: async (bounds?: Bounds) => {
        try {
          return (await commit(bounds)).slice(1);
        } catch (error) {
          throw error instanceof NoNodeError && error.index === 0 ? this.#error() : error;
        }
      },
    });
  }

  async release(): Promise<void> {
    try {
      await overLoss(() => this.#session.delete(this.#path));
    } catch (error) {
      if (!this.#session.signal.aborted && !(error instanceof NoNodeError)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  #lose(): void {
    this.#controller.abort(this.#error());
  }

  #error(): LeaseLostError {
    return new LeaseLostError("the session or the znode is gone", { reason: "session-ended", path: this.#path });
  }
}
