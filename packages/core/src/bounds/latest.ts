/**
 * A value whose changes can be followed by any number of iterators. A slow iterator misses what was overtaken and always gets the
 * newest: nothing is queued.
 */
export class Latest<T> {
  #value: T;
  #version = 0;
  #ended = false;
  #wake: (() => void)[] = [];

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
    this.#notify();
  }

  /** Every iterator finishes once it has seen the last value. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** The value now and then each newer one. Finishes at `end()` or when the signal aborts. */
  async *follow(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    let seen = -1;
    while (signal?.aborted !== true) {
      if (this.#version !== seen) {
        seen = this.#version;
        yield this.#value;
      } else if (this.#ended) {
        return;
      } else {
        await this.#change(signal);
      }
    }
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      };
      const aborted = (): void => {
        this.#wake = this.#wake.filter((wake) => wake !== done);
        done();
      };
      signal?.addEventListener("abort", aborted, { once: true });
      this.#wake.push(done);
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const done of wake) done();
  }
}
