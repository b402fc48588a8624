import type { Session } from "../session/session.ts";
import { FencedTransaction } from "./fenced-transaction.ts";
import type { Lease, LeaseTransaction } from "./lease.ts";
import type { NodeLease } from "./node-lease.ts";

/** Several leases of one session as one: lost as soon as one of them is. */
export class JointLease implements Lease {
  /** Of the part that was taken last, the greatest. */
  readonly fencingToken: bigint;
  readonly #session: Session;
  readonly #parts: readonly NodeLease[];
  readonly #controller = new AbortController();
  #released: Promise<void> | undefined;

  /** @param parts at least one */
  constructor(session: Session, parts: readonly NodeLease[]) {
    this.#session = session;
    this.#parts = parts;
    this.fencingToken = parts.reduce((most, { fencingToken }) => (fencingToken > most ? fencingToken : most), 0n);
    for (const { signal } of parts) {
      if (signal.aborted) this.#controller.abort(signal.reason);
      else signal.addEventListener("abort", this.#lose, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get validUntil(): number {
    return Math.min(...this.#parts.map(({ validUntil }) => validUntil));
  }

  assertHeld(): void {
    if (this.#controller.signal.aborted) throw this.#controller.signal.reason;
    for (const part of this.#parts) part.assertHeld();
  }

  transaction(): LeaseTransaction {
    const fences = this.#parts.map(({ fence }) => fence);
    return new FencedTransaction(this.#session.transaction(), fences);
  }

  release(): Promise<void> {
    this.#released ??= this.#giveBack();
    return this.#released;
  }

  /** As `release()`; failures are logged instead of thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    const releasing = this.release().catch(() => {});
    await Promise.all(this.#parts.map((part) => part[Symbol.asyncDispose]()));
    await releasing;
  }

  /** All of them, whatever becomes of one; the first failure is thrown. */
  async #giveBack(): Promise<void> {
    for (const { signal } of this.#parts) signal.removeEventListener("abort", this.#lose);
    const endings = await Promise.allSettled(this.#parts.toReversed().map((part) => part.release()));
    const failed = endings.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  readonly #lose = (event: Event): void => {
    this.#controller.abort((event.target as AbortSignal).reason);
  };
}
