import {
  BadVersionError,
  ClosedError,
  ConnectionLossError,
  NodeExistsError,
  NoNodeError,
  type Outcome,
  SessionExpiredError,
  systemRandom,
} from "@quorate/core";
import { type Bounds, pause, within } from "@quorate/core/recipe";
import type { Written } from "../schema/format.ts";
import type { Base, Change, ConfigStore, WriteStat } from "./store.ts";

/** The delay between two attempts, milliseconds: doubles from the shorter to the longer, and each time a random part of it is waited. */
const minDelayMs = 2;
const maxDelayMs = 200;

/** A value that was written, or was there already. */
export interface Outcomes<Value> {
  readonly value: Value;
  readonly stat: WriteStat;
}

/** What an attempt writes over the base it was given, or the value with which everything is as wanted. */
export type Plan<Value> =
  | ({ readonly kind: "write"; readonly written: Written<Value> } & Omit<Change, "data">)
  | { readonly kind: "keep"; readonly value: Value; readonly stat: WriteStat };

/** Compare and set, again and again, until nobody came in between. */
export class Writer<Value, B extends Base> {
  readonly #store: ConfigStore<B>;
  readonly #path: string;

  constructor(store: ConfigStore<B>, path: string) {
    this.#store = store;
    this.#path = path;
  }

  /**
   * @param plan made anew for each attempt; what it throws is final
   * @param first the base of the first attempt, where it is known already
   */
  write(
    op: string,
    bounds: Bounds,
    plan: (base: B, bounds: Bounds) => Promise<Plan<Value>>,
    first?: B,
  ): Promise<Outcomes<Value>> {
    let outcome: Outcome = "not-applied";
    const subject = { op, path: this.#path, outcome: () => outcome };
    return within(bounds, subject, async (inner) => {
      for (let attempt = 0; ; attempt++) {
        const base = attempt === 0 && first !== undefined ? first : await this.#store.load(inner);
        const planned = await plan(base, inner);
        if (planned.kind === "keep") return planned;
        stopIfOver(inner.signal);
        outcome = "unknown";
        const { written, rollbackOf, isIdempotent } = planned;
        const stat = await this.#attempt(base, { data: written.data, rollbackOf, isIdempotent }, inner);
        if (stat !== undefined) return { value: written.value, stat };
        outcome = "not-applied";
        await pause(Math.min(maxDelayMs, minDelayMs * 2 ** attempt) * systemRandom.float(), inner.signal);
        stopIfOver(inner.signal);
      }
    });
  }

  /** Undefined if it provably was not applied, and may be tried again over a newer base. */
  async #attempt(base: B, change: Change, bounds: Bounds): Promise<WriteStat | undefined> {
    const id = systemRandom.uuid();
    try {
      return await this.#store.commit(base, change, id, bounds);
    } catch (error) {
      if (isOvertaken(error)) return undefined;
      if (!isUnknown(error)) throw error;
      const fate = await this.#store.fate(base, change, id, bounds).catch(() => undefined);
      if (fate?.kind === "applied") return fate.stat;
      if (fate?.kind === "not-applied") return undefined;
      throw error;
    }
  }
}

/** Someone else was there first. */
function isOvertaken(error: unknown): boolean {
  return error instanceof BadVersionError || error instanceof NodeExistsError || error instanceof NoNodeError;
}

function isUnknown(error: unknown): boolean {
  const isLost = error instanceof ConnectionLossError || error instanceof SessionExpiredError;
  return isLost && error.outcome === "unknown";
}

/** The caller has its answer: nothing may be sent any more. */
function stopIfOver(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason ?? new ClosedError("stopped");
}
