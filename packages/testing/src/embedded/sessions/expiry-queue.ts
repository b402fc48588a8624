const maxTimerMs = 2 ** 31 - 1;

/**
 * What expires when, rounded up to whole intervals as ZooKeeper does it: everything due within an interval goes at its end, with one timer
 * for all. Has a timer only while there is something in it.
 */
export class ExpiryQueue<T> {
  readonly #intervalMs: number;
  readonly #onExpired: (item: T) => void;
  readonly #dueOf = new Map<T, number>();
  /** By the moment they are due, `performance.now()`. */
  readonly #buckets = new Map<number, Set<T>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #paused = false;

  constructor(intervalMs: number, onExpired: (item: T) => void) {
    this.#intervalMs = intervalMs;
    this.#onExpired = onExpired;
  }

  /** Adds it, or gives it more time. */
  touch(item: T, timeoutMs: number): void {
    const due = (Math.floor((performance.now() + timeoutMs) / this.#intervalMs) + 1) * this.#intervalMs;
    const before = this.#dueOf.get(item);
    if (before === due) return;
    if (before !== undefined) this.#leave(item, before);
    this.#dueOf.set(item, due);
    const bucket = this.#buckets.get(due);
    if (bucket === undefined) this.#buckets.set(due, new Set([item]));
    else bucket.add(item);
    if (due < this.#wakesAt) this.#wakeAt(due);
  }

  remove(item: T): void {
    const due = this.#dueOf.get(item);
    if (due === undefined) return;
    this.#dueOf.delete(item);
    this.#leave(item, due);
    if (this.#dueOf.size === 0) this.#sleep();
  }

  /** Nothing expires until `resume`, though time goes on. */
  pause(): void {
    this.#paused = true;
    this.#sleep();
  }

  /** What has become due meanwhile expires at once. */
  resume(): void {
    this.#paused = false;
    this.#poll();
  }

  clear(): void {
    this.#sleep();
    this.#dueOf.clear();
    this.#buckets.clear();
  }

  #leave(item: T, due: number): void {
    const bucket = this.#buckets.get(due);
    bucket?.delete(item);
    if (bucket?.size === 0) this.#buckets.delete(due);
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #wakeAt(moment: number): void {
    if (this.#paused) return;
    clearTimeout(this.#timer);
    this.#wakesAt = moment;
    const delayMs = Math.min(Math.max(Math.ceil(moment - performance.now()), 0), maxTimerMs);
    this.#timer = setTimeout(() => this.#poll(), delayMs);
  }

  #poll(): void {
    this.#sleep();
    const now = performance.now();
    const due = [...this.#buckets.keys()].filter((moment) => moment <= now).sort((a, b) => a - b);
    for (const moment of due) {
      const items = this.#buckets.get(moment) ?? [];
      this.#buckets.delete(moment);
      for (const item of items) {
        this.#dueOf.delete(item);
        this.#onExpired(item);
      }
    }
    const next = Math.min(...this.#buckets.keys());
    if (next < this.#wakesAt) this.#wakeAt(next);
  }
}
