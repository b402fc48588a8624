export interface WorkQueueOptions<Kind extends string> {
  /** How many run at once. */
  readonly width: number;
  /** Milliseconds until what failed is tried again. */
  readonly retryDelayMs: number;
  /** Rejects if it is to be tried again later. */
  work(kind: Kind, path: string, isRound: boolean): Promise<void>;
  /** Everything asked for as part of a round is done. */
  roundDone(): void;
  /** Nothing waits, runs or is to be tried again. */
  idle(): void;
}

interface Item<Kind extends string> {
  readonly kind: Kind;
  readonly path: string;
  state: "queued" | "running" | "failed";
  isRound: boolean;
  /** Asked for again while it ran. */
  again: { isRound: boolean } | undefined;
}

/**
 * Work on paths: begun in the order it was asked for, so that requests keep that order; never twice at once for one path and kind; done
 * anew, after it, if it is asked for while it runs. Bounded by the number of different paths.
 */
export class WorkQueue<Kind extends string> {
  readonly #options: WorkQueueOptions<Kind>;
  readonly #items = new Map<string, Item<Kind>>();
  #queue: Item<Kind>[] = [];
  #next = 0;
  #running = 0;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: WorkQueueOptions<Kind>) {
    this.#options = options;
  }

  /** @param isRound whether the round waits for it */
  add(kind: Kind, path: string, isRound: boolean): void {
    if (this.#isClosed) return;
    const key = `${kind} ${path}`;
    let item = this.#items.get(key);
    if (item === undefined) {
      item = { kind, path, state: "queued", isRound: false, again: undefined };
      this.#items.set(key, item);
      this.#queue.push(item);
    } else if (item.state === "running") {
      item.again ??= { isRound: false };
    } else if (item.state === "failed") {
      this.#enqueue(item);
    }
    this.#enlist(item.again ?? item, isRound);
    this.#pump();
  }

  /** Whether nothing waits, runs or is to be tried again. */
  get isIdle(): boolean {
    return this.#items.size === 0;
  }

  /** Whether this is waiting, running or to be tried again. */
  has(kind: Kind, path: string): boolean {
    return this.#items.has(`${kind} ${path}`);
  }

  /** What failed is tried again at once. */
  retryNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const item of this.#items.values()) {
      if (item.state === "failed") this.#enqueue(item);
    }
    this.#pump();
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#items.clear();
    this.#queue = [];
  }

  #enqueue(item: Item<Kind>): void {
    item.state = "queued";
    this.#queue.push(item);
  }

  #enlist(part: { isRound: boolean }, isRound: boolean): void {
    if (!isRound || part.isRound) return;
    part.isRound = true;
    this.#round++;
  }

  #pump(): void {
    while (this.#running < this.#options.width && this.#next < this.#queue.length) {
      const item = this.#queue[this.#next++] as Item<Kind>;
      this.#running++;
      item.state = "running";
      this.#options.work(item.kind, item.path, item.isRound).then(
        () => this.#done(item),
        () => this.#failed(item),
      );
    }
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    }
  }

  #done(item: Item<Kind>): void {
    this.#running--;
    if (this.#isClosed) return;
    const { kind, path, isRound, again } = item;
    if (again === undefined) this.#items.delete(`${kind} ${path}`);
    else {
      item.isRound = again.isRound;
      item.again = undefined;
      this.#enqueue(item);
    }
    this.#pump();
    if (isRound && --this.#round === 0) this.#options.roundDone();
    if (this.isIdle) this.#options.idle();
  }

  #failed(item: Item<Kind>): void {
    this.#running--;
    if (this.#isClosed) return;
    item.state = "failed";
    if (item.again?.isRound === true) {
      // One try serves both.
      if (item.isRound) this.#round--;
      item.isRound = true;
    }
    item.again = undefined;
    this.#timer ??= setTimeout(() => this.retryNow(), this.#options.retryDelayMs);
    this.#pump();
  }
}
