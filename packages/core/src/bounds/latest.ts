import { onAbort } from "./on-abort.ts";

/**
 * A value whose changes can be followed by any number of iterators. A slow iterator misses what was overtaken and always gets the
 * newest: nothing is queued.
 */
export class Latest<T> {
  #value: T;
  #version = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (this.#ended || value === this.#value) return;
    this.#value = value;
    this.#version++;
    this.#wake();
  }

  /** Every iterator finishes once it has seen the last value. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The value now and then each newer one. Finishes at `end()`, when the signal aborts, or at once by `return()`. */
  follow(signal?: AbortSignal): AsyncIterableIterator<T, void, undefined> {
    const stop = new AbortController();
    const done = { done: true, value: undefined } as const;
    let seen = -1;
    const next = async (): Promise<IteratorResult<T, void>> => {
      while (!stop.signal.aborted && signal?.aborted !== true) {
        if (this.#version !== seen) {
          seen = this.#version;
          return { done: false, value: this.#value };
        }
        if (this.#ended) return done;
        await this.#change([stop.signal, signal]);
      }
      return done;
    };
    const iterator: AsyncIterableIterator<T, void, undefined> = {
      next,
      return: async () => {
        stop.abort();
        return done;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Resolves at the next change, or as soon as one of the signals aborts. */
  #change(signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        for (const unfollow of unfollows) unfollow();
        resolve();
      };
      const unfollows = signals.map((signal) => onAbort(signal, wake));
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
