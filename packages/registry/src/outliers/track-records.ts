import type { ResolvedEjectionPolicy } from "./ejection-policy.ts";

/**
 * How a call went. `cancelled` says nothing of the instance: the caller gave up.
 */
export type CallOutcome = "success" | "failure" | "cancelled";

interface TrackRecord {
  lastPick: number;
  outstanding: number;
  /** In a row. */
  failures: number;
  /** Since it last succeeded. */
  ejections: number;
  ejectedUntil: number;
}

/** What is remembered of each instance from call to call, by its path. Pure: it is told the time, by `performance.now()`. */
export class TrackRecords {
  readonly #policy: ResolvedEjectionPolicy | undefined;
  readonly #records = new Map<string, TrackRecord>();
  #picks = 0;

  /** @param policy undefined: nobody is ever left out */
  constructor(policy: ResolvedEjectionPolicy | undefined) {
    this.#policy = policy;
  }

  lastPick(path: string): number {
    return this.#records.get(path)?.lastPick ?? 0;
  }

  outstanding(path: string): number {
    return this.#records.get(path)?.outstanding ?? 0;
  }

  /** A call begins. */
  picked(path: string): void {
    const record = this.#of(path);
    record.lastPick = ++this.#picks;
    record.outstanding++;
  }

  /**
   * A call is over.
   *
   * @param enabled how many instances there are to pick from
   * @returns whether the instance is left out from now on
   */
  reported(path: string, outcome: CallOutcome, enabled: readonly string[], now: number): boolean {
    const record = this.#of(path);
    record.outstanding = Math.max(0, record.outstanding - 1);
    // Calls that were under way when it was left out tell nothing new.
    if (outcome === "cancelled" || record.ejectedUntil > now) return false;
    if (outcome === "success") {
      record.failures = 0;
      record.ejections = 0;
      return false;
    }
    record.failures++;
    return this.#judge(record, enabled, now);
  }

  /** Of these, those who are left out now. When more are than may be, because others went, those whose time is up first come back. */
  ejected(enabled: readonly string[], now: number): ReadonlySet<string> {
    if (this.#policy === undefined || this.#records.size === 0) return none;
    const out = enabled.filter((path) => (this.#records.get(path)?.ejectedUntil ?? 0) > now);
    const limit = Math.floor(enabled.length * this.#policy.maxFraction);
    if (out.length <= limit) return new Set(out);
    const until = (path: string): number => this.#records.get(path)?.ejectedUntil ?? 0;
    return new Set(out.sort((a, b) => until(b) - until(a)).slice(0, limit));
  }

  /** One that registers again later begins anew. */
  forget(path: string): void {
    this.#records.delete(path);
  }

  #judge(record: TrackRecord, enabled: readonly string[], now: number): boolean {
    if (this.#policy === undefined) return false;
    const { failures, ejectionMs, maxEjectionMs, maxFraction } = this.#policy;
    // Back from being left out, it has to succeed first.
    const tolerated = record.ejections > 0 ? 1 : failures;
    const isFull = this.ejected(enabled, now).size + 1 > Math.floor(enabled.length * maxFraction);
    if (record.failures < tolerated || isFull) return false;
    record.ejectedUntil = now + Math.min(ejectionMs * 2 ** record.ejections, maxEjectionMs);
    record.ejections++;
    record.failures = 0;
    return true;
  }

  #of(path: string): TrackRecord {
    let record = this.#records.get(path);
    if (record === undefined) {
      record = { lastPick: 0, outstanding: 0, failures: 0, ejections: 0, ejectedUntil: 0 };
      this.#records.set(path, record);
    }
    return record;
  }
}

const none: ReadonlySet<string> = new Set();
