import { type Data, type Lease, LeaseLostError, type LeaseTransaction } from "@quorate/core";
import { type Bounds, bytesOf, type NodeLease } from "@quorate/core/recipe";
import { encodeProclamation } from "../participants/proclamation.ts";

/**
 * One win of the election, from its beginning to its end: a lease on leadership. As with any lease `signal` aborts with a LeaseLostError
 * when it is lost; here it also does when the term is resigned, before anybody else can lead. `release()` ends it without that.
 */
export interface Term extends Lease {
  /** Resolves when the term is over, in whatever way. Never rejects. */
  readonly ended: Promise<void>;
  /** As `LeaderLatch.proclaim()`, for this term. */
  proclaim(data: Data, bounds?: Bounds): Promise<void>;
  /**
   * Aborts `signal` first, with a LeaseLostError of the reason `"released"`, and then gives leadership up. Idempotent.
   *
   * @throws the server's refusal to delete the znode, such as NoAuthError
   */
  resign(): Promise<void>;
}

export class LatchTerm implements Term {
  readonly ended: Promise<void>;
  readonly #lease: NodeLease;
  readonly #directory: string;
  readonly #controller = new AbortController();
  #end: () => void = () => {};

  constructor(lease: NodeLease, directory: string) {
    this.#lease = lease;
    this.#directory = directory;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const onLost = (): void => this.#abort(lease.signal.reason);
    lease.signal.addEventListener("abort", onLost, { once: true });
    if (lease.signal.aborted) onLost();
  }

  get fencingToken(): bigint {
    return this.#lease.fencingToken;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get validUntil(): number {
    return this.#lease.validUntil;
  }

  /** Looks at the clock itself. */
  get isHeld(): boolean {
    return this.#offence() === undefined;
  }

  /** Whether it came to its end otherwise than by its holder's `release()`. Looks at the clock itself. */
  get isLost(): boolean {
    const offence = this.#offence();
    return this.signal.aborted || (offence !== undefined && offence.reason !== "released");
  }

  assertHeld(): void {
    this.signal.throwIfAborted();
    this.#lease.assertHeld();
  }

  transaction(): LeaseTransaction {
    return this.#lease.transaction();
  }

  async proclaim(data: Data, bounds?: Bounds): Promise<void> {
    const bytes = bytesOf(data, { op: "proclaim", path: this.#directory });
    const proclamation = encodeProclamation(this.fencingToken, bytes);
    await this.transaction().set(this.#directory, proclamation).commit(bounds);
  }

  release(): Promise<void> {
    this.#end();
    return this.#lease.release();
  }

  resign(): Promise<void> {
    const { path } = this.#lease;
    this.#abort(
      new LeaseLostError(`leadership ${this.#directory} is no longer held: it was resigned`, {
        reason: "released",
        path,
      }),
    );
    return this.release();
  }

  /** As `release()`, but a failure is logged instead of thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#lease[Symbol.asyncDispose]();
  }

  #offence(): LeaseLostError | undefined {
    try {
      this.assertHeld();
      return undefined;
    } catch (error) {
      return error as LeaseLostError;
    }
  }

  #abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.#end();
  }
}
