import { onAbort } from "../bounds/on-abort.ts";
import { EventQueue } from "../watch/event-queue.ts";
import { type CacheChange, coalesce } from "./cached-node.ts";

export interface ChangesOptions {
  /** Finishes the iteration. */
  readonly signal?: AbortSignal | undefined;
}

/** Changes that may wait for a reader one by one; beyond that they are merged to one for each path. */
const limit = 1024;

/** One reader's changes. */
export class ChangeStream implements AsyncIterableIterator<CacheChange, undefined> {
  readonly #queue = new EventQueue<CacheChange>({ limit, compact: coalesce });
  readonly #unfollow: () => void;
  readonly #left: (stream: ChangeStream) => void;

  constructor(signal: AbortSignal | undefined, left: (stream: ChangeStream) => void) {
    this.#left = left;
    if (signal?.aborted === true) this.#queue.end();
    this.#unfollow = onAbort(signal, () => this.end(undefined));
  }

  push(change: CacheChange): void {
    this.#queue.push(change);
  }

  /** With an error it is thrown once what waits has been read. */
  end(error: Error | undefined): void {
    this.#unfollow();
    if (error === undefined) this.#queue.end();
    else this.#queue.fail(error);
    this.#left(this);
  }

  next(): Promise<IteratorResult<CacheChange, undefined>> {
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<CacheChange, undefined>> {
    this.end(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
