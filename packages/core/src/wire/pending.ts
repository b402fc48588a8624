import type { Operation } from "@quorate/protocol";

/** What one write carried: its requests share the moment they left. */
export interface Batch {
  /** `performance.now()` of the write; undefined until then. */
  sentAt: number | undefined;
}

/** A request whose answer is awaited. */
export interface Pending {
  readonly xid: number;
  /** Undefined for the driver's own frames: pings, credentials, watches. */
  readonly operation: Operation | undefined;
  readonly batch: Batch;
  resolve(value: never): void;
  reject(error: Error): void;
}

let resolveOfNewest: (value: never) => void;
let rejectOfNewest: (error: Error) => void;

function keepSettlers(resolve: (value: never) => void, reject: (error: Error) => void): void {
  resolveOfNewest = resolve;
  rejectOfNewest = reject;
}

/** A promise with its pending record. One executor serves every call, so that a request costs no closure of its own. */
export function pendingPromise(
  xid: number,
  operation: Operation | undefined,
  batch: Batch,
): { readonly promise: Promise<never>; readonly pending: Pending } {
  const promise = new Promise<never>(keepSettlers);
  return { promise, pending: { xid, operation, batch, resolve: resolveOfNewest, reject: rejectOfNewest } };
}

/** First in, first out, without moving the rest at each step. */
export class PendingQueue {
  #items: (Pending | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Pending | undefined {
    return this.#items[this.#head];
  }

  push(pending: Pending): void {
    this.#items.push(pending);
  }

  shift(): Pending | undefined {
    const pending = this.#items[this.#head];
    if (pending === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return pending;
  }
}

const maxXid = 0x7fff_ffff;

/** Back to 1 at the end of the range: 0 and the negative numbers have meanings of their own. */
export function nextXid(xid: number): number {
  return xid >= maxXid ? 1 : xid + 1;
}
