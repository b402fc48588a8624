import { type Lease, LeaseLostError, type LeaseTransaction } from "@quorate/core";

/** A hold that is given back when everyone who entered it has left. */
export class SharedHold {
  readonly #lease: Lease;
  readonly #onEnd: () => void;
  #entered = 0;
  #isOver = false;

  constructor(lease: Lease, onEnd: () => void) {
    this.#lease = lease;
    this.#onEnd = onEnd;
  }

  get isHeld(): boolean {
    return !this.#isOver && performance.now() < this.#lease.validUntil;
  }

  enter(): Lease {
    this.#entered++;
    return new Entry(this.#lease, () => this.#leave());
  }

  /** @returns whether that was the last one */
  #leave(): boolean {
    if (--this.#entered > 0) return false;
    this.#isOver = true;
    this.#onEnd();
    return true;
  }
}

/** The lease of one who entered a hold. */
class Entry implements Lease {
  readonly #lease: Lease;
  readonly #leave: () => boolean;
  #released: Promise<void> | undefined;
  #releasedAt = Number.POSITIVE_INFINITY;

  /** @param leave tells whether the hold ends with it */
  constructor(lease: Lease, leave: () => boolean) {
    this.#lease = lease;
    this.#leave = leave;
  }

  get fencingToken(): bigint {
    return this.#lease.fencingToken;
  }

  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  get validUntil(): number {
    return Math.min(this.#lease.validUntil, this.#releasedAt);
  }

  assertHeld(): void {
    if (this.#released !== undefined && !this.signal.aborted) {
      throw new LeaseLostError("the lock is no longer held: it was released", { reason: "released" });
    }
    this.#lease.assertHeld();
  }

  transaction(): LeaseTransaction {
    return this.#lease.transaction();
  }

  release(): Promise<void> {
    return this.#end(() => this.#lease.release());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end(async () => this.#lease[Symbol.asyncDispose]()).catch(() => {});
  }

  #end(giveBack: () => Promise<void>): Promise<void> {
    this.#releasedAt = Math.min(this.#releasedAt, performance.now());
    this.#released ??= this.#leave() ? giveBack() : Promise.resolve();
    return this.#released;
  }
}
