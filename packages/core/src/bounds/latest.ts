import { onAbort } from "./on-abort.ts";
import { stoppable } from "./stoppable.ts";

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
    return stoppable(signal, (stopped) => this.#values(stopped));
  }

  async *#values(stopped: AbortSignal): AsyncGenerator<T, void, undefined> {
    for (let seen = -1; !stopped.aborted; ) {
      if (this.#version !== seen) {
        seen = this.#version;
        yield this.#value;
      } else if (this.#ended) {
        return;
      } else {
        await this.#change(stopped);
      }
    }
  }

  /** Resolves at the next change, or as soon as the signal aborts. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        unfollow();
        resolve();
      };
      const unfollow = onAbort(signal, wake);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
