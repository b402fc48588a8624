import type { WatchEventType } from "@quorate/protocol";
import { onAbort } from "../bounds/on-abort.ts";
import { AbortedError, ClosedError } from "../errors/client-errors.ts";
import { isWithin } from "../paths/path.ts";
import { EventQueue } from "./event-queue.ts";
import type { Watch } from "./watch.ts";
import type { Resync, WatchMode, ZnodeEvent } from "./znode-event.ts";

export interface SubscriptionOptions {
  readonly mode: WatchMode;
  readonly bufferSize: number;
  readonly signal: AbortSignal | undefined;
  /** From the server's paths to those the reader is told. */
  readonly toClient: (path: string) => string;
  isConnected(): boolean;
  /** Called once when nobody wants the events any more. */
  ended(subscription: Subscription): void;
}

/** One reader of one watch: the side of the application (`Watch`) and the side of the hub. */
export class Subscription implements Watch {
  readonly path: string;
  readonly mode: WatchMode;
  readonly ready: Promise<void>;
  readonly #options: SubscriptionOptions;
  /** The server's path; what the watch tells of others is not for this reader. */
  readonly #scope: string;
  readonly #queue: EventQueue<ZnodeEvent>;
  readonly #resync: Resync;
  readonly #unfollow: () => void;
  #phase: "arming" | "armed" | "gap" | "ended" = "arming";
  #resyncTaken = false;
  #resyncUnread = false;
  #settleReady: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(path: string, options: SubscriptionOptions) {
    this.path = options.toClient(path);
    this.mode = options.mode;
    this.#options = options;
    this.#scope = path;
    this.#resync = { type: "resync", path: this.path };
    this.#queue = new EventQueue<ZnodeEvent>({
      limit: options.bufferSize,
      compact: () => {
        this.#resyncUnread = true;
        return [this.#resync];
      },
      taken: (event) => {
        if (event.type === "resync") this.#resyncTaken = true;
      },
    });
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.ready.catch(() => {});
    this.#unfollow = onAbort(options.signal, () => this.abort());
  }

  get current(): boolean {
    return this.#phase === "armed" && !this.#resyncUnread && this.#options.isConnected();
  }

  get isArmed(): boolean {
    return this.#phase === "armed";
  }

  /** The server sees to this watch from here on. */
  armed(): void {
    if (this.#phase === "arming") this.#settleReady?.resolve();
    else if (this.#phase === "gap") this.#tellResync();
    else return;
    this.#phase = "armed";
  }

  /** Nothing is seen until it is armed again. */
  disarmed(): void {
    if (this.#phase === "armed") this.#phase = "gap";
  }

  /** The watch was away and is back. */
  rearmed(): void {
    this.disarmed();
    this.armed();
  }

  deliver(type: WatchEventType, path: string, zxid: bigint): void {
    if (this.#phase === "gap" || !isWithin(path, this.#scope)) return;
    this.#queue.push({ type, path: this.#options.toClient(path), zxid });
  }

  fail(error: Error): void {
    if (this.#leave(error)) this.#queue.fail(error);
  }

  end(reason: Error): void {
    if (this.#leave(reason)) this.#queue.end();
  }

  /** The caller's signal aborted. */
  abort(): void {
    const cause: unknown = this.#options.signal?.reason;
    this.end(
      new AbortedError(`watch ${this.path}: aborted by the caller's signal`, { op: "watch", path: this.path, cause }),
    );
  }

  close(): Promise<void> {
    this.end(new ClosedError(`watch ${this.path}: closed`, { op: "watch", path: this.path }));
    this.#queue.end();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<ZnodeEvent, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  #next(): Promise<IteratorResult<ZnodeEvent, undefined>> {
    if (this.#resyncTaken) {
      this.#resyncTaken = false;
      this.#resyncUnread = this.#queue.waiting.some((event) => event.type === "resync");
    }
    return this.#queue.next();
  }

  #tellResync(): void {
    this.#resyncUnread = true;
    // Not twice in a row: one not yet read covers this gap as well.
    if (this.#queue.waiting.at(-1)?.type !== "resync") this.#queue.push(this.#resync);
  }

  /** False if it had ended before. */
  #leave(reason: Error): boolean {
    if (this.#phase === "ended") return false;
    this.#phase = "ended";
    this.#settleReady?.reject(reason);
    this.#settleReady = undefined;
    this.#unfollow();
    this.#options.ended(this);
    return true;
  }
}
