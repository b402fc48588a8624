/** How a full buffer is made smaller. */
export interface EventQueueOptions<T> {
  /** Items that may wait for the reader before `compact` is asked, at least 1. */
  readonly limit: number;
  /** Gives the fewer items that stand for all of these. */
  compact(items: readonly T[]): T[];
  /** Told of each item the moment a reader gets it. */
  taken?(item: T): void;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A bounded buffer between those who tell of events, who never wait, and those who read them. */
export class EventQueue<T> {
  readonly #options: EventQueueOptions<T>;
  #items: T[] = [];
  #waiters: Waiter<T>[] = [];
  #compactAt: number;
  #ended = false;
  #failure: Error | undefined;

  constructor(options: EventQueueOptions<T>) {
    this.#options = options;
    this.#compactAt = options.limit;
  }

  /** Oldest first. */
  get waiting(): readonly T[] {
    return this.#items;
  }

  push(item: T): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      this.#options.taken?.(item);
      return waiter.resolve({ done: false, value: item });
    }
    this.#items.push(item);
    if (this.#items.length <= this.#compactAt) return;
    this.#items = this.#options.compact(this.#items);
    // Where little can be saved it is not tried again at every item.
    this.#compactAt = Math.max(this.#options.limit, 2 * this.#items.length);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift() as T;
      if (this.#items.length === 0) this.#compactAt = this.#options.limit;
      this.#options.taken?.(value);
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve(done);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Readers finish at once; what still waits is dropped. */
  end(): void {
    this.#items = [];
    this.#finish();
    for (const waiter of this.#drainWaiters()) waiter.resolve(done);
  }

  /** One reader gets what still waits and then the error; whoever reads on after that finishes. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#finish();
    const [first, ...others] = this.#drainWaiters();
    if (first === undefined) this.#failure = error;
    else first.reject(error);
    for (const waiter of others) waiter.resolve(done);
  }

  #finish(): void {
    this.#ended = true;
    this.#failure = undefined;
  }

  #drainWaiters(): Waiter<T>[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    return waiters;
  }
}
