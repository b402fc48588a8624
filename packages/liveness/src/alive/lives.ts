import type { Stat } from "@quorate/core";

/**
 * - `alive`: its node is there.
 * - `suspected`: it was alive when last seen, but that cannot be told now: this client has no connection, or its node went less than the
 *   grace time ago.
 * - `dead`: its node is gone.
 */
export type LifeStatus = "alive" | "suspected" | "dead";

export interface Liveness {
  readonly path: string;
  readonly status: LifeStatus;
  /**
   * Since when, by `performance.now()` of this process, milliseconds. For `alive` since this node was first seen, be it suspected in
   * between; for `dead` since it was seen gone.
   */
  readonly since: number;
  /** Of its node as last seen; `ctime` there is the server's wall clock. Undefined if it was never seen. */
  readonly stat: Stat | undefined;
}

interface Life {
  stat: Stat | undefined;
  /** When this node was first seen, or seen gone. */
  since: number;
  /** From when on it is dead; undefined while its node is there. */
  deadAt: number | undefined;
  told: Liveness | undefined;
}

/** What is known of some processes, and what of that is news. Pure: it is told the time. */
export class Lives {
  readonly #graceMs: number;
  readonly #lives = new Map<string, Life>();
  /** Those who may have news, in the order in which it came. */
  readonly #dirty = new Set<string>();
  /** Gone, and not told to be dead yet. */
  readonly #dying = new Set<string>();
  #suspectedSince: number | undefined;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  seen(path: string, stat: Stat, now: number): void {
    const life = this.#lives.get(path);
    const isSame = life?.deadAt === undefined && life?.stat?.czxid === stat.czxid;
    this.#lives.set(path, { stat, since: isSame ? life.since : now, deadAt: undefined, told: life?.told });
    this.#dying.delete(path);
    this.#dirty.add(path);
  }

  gone(path: string, now: number): void {
    const life = this.#lives.get(path);
    const graceMs = life === undefined ? 0 : this.#graceMs;
    this.#lives.set(path, { stat: life?.stat, since: now, deadAt: now + graceMs, told: life?.told });
    this.#dying.add(path);
    this.#dirty.add(path);
  }

  /** Whether what was seen is still so, as far as can be known. */
  setCertain(isCertain: boolean, now: number): void {
    if (isCertain === (this.#suspectedSince === undefined)) return;
    this.#suspectedSince = isCertain ? undefined : now;
    for (const path of this.#lives.keys()) this.#dirty.add(path);
  }

  /** When the next of those who are gone is dead. */
  get nextDeathAt(): number | undefined {
    let next: number | undefined;
    for (const path of this.#dying) {
      const deadAt = this.#lives.get(path)?.deadAt;
      if (deadAt !== undefined) next = Math.min(next ?? deadAt, deadAt);
    }
    return next;
  }

  /** The oldest news not told yet. */
  next(now: number): Liveness | undefined {
    for (const path of this.#dying) {
      if ((this.#lives.get(path)?.deadAt ?? now) > now) continue;
      this.#dying.delete(path);
      this.#dirty.add(path);
    }
    for (const path of this.#dirty) {
      this.#dirty.delete(path);
      const life = this.#lives.get(path);
      if (life === undefined) continue;
      const liveness = this.#livenessOf(path, life, now);
      if (liveness.status === life.told?.status && liveness.since === life.told.since) continue;
      life.told = liveness;
      return liveness;
    }
    return undefined;
  }

  /** Of whom nothing more is to be told. */
  forget(path: string): void {
    this.#lives.delete(path);
  }

  #livenessOf(path: string, { stat, since, deadAt }: Life, now: number): Liveness {
    if (deadAt !== undefined) return { path, status: deadAt <= now ? "dead" : "suspected", since, stat };
    if (this.#suspectedSince === undefined) return { path, status: "alive", since, stat };
    return { path, status: "suspected", since: this.#suspectedSince, stat };
  }
}
