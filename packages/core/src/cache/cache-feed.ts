import type { Stat } from "@quorate/protocol";
import { AbortedError, ClosedError } from "../errors/client-errors.ts";
import { NoAuthError, NoNodeError } from "../errors/server-errors.ts";
import { joinPath, parentPath } from "../paths/path.ts";
import type { Watch } from "../watch/watch.ts";
import type { CacheReader } from "./cache-reader.ts";
import type { CachedNode } from "./cached-node.ts";
import type { NodeStore } from "./node-store.ts";
import { WorkQueue } from "./work-queue.ts";

/** Requests in flight at once. */
const width = 512;
const retryDelayMs = 500;
/** Many events may be decoded from one chunk of bytes before the first is looked at. */
const watchBufferSize = 16_384;

/** What part of the tree is kept. */
export interface CacheScope {
  readonly root: string;
  /** Levels below the root: 0 is the root itself. */
  readonly minDepth: number;
  readonly maxDepth: number;
  /** Whether the data is kept, or the stat alone. */
  readonly data: boolean;
  /** Where the watch stands. Default the root. */
  readonly watchAt: string | undefined;
}

/**
 * - `walk`: look at the whole scope again
 * - `visit`: compare a znode and its list of children with what is stored
 * - `read`: store a znode as it is now, or that it is not
 */
type Task = "walk" | "visit" | "read";

/**
 * Keeps a store equal to the server. Events only say where to look: what is stored is always the answer to a read sent after the event, and
 * the reads of one znode follow one another, so that nothing newer is overwritten. After a gap everything is compared again.
 */
export class CacheFeed {
  readonly #reader: CacheReader;
  readonly #scope: CacheScope;
  readonly #store: NodeStore;
  readonly #watch: Watch;
  readonly #work: WorkQueue<Task>;
  readonly #awaitingIdle: (() => void)[] = [];
  #isComplete = false;
  #isClosed = false;
  #settleLoaded: { resolve(): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;

  /** Resolves when everything has been read for the first time; rejects with what made that impossible. */
  readonly loaded: Promise<void>;
  /** Resolves when nothing is followed any more: with the error, or with nothing if it was closed. Never rejects. */
  readonly ended: Promise<Error | undefined>;

  constructor(reader: CacheReader, scope: CacheScope, store: NodeStore, signal: AbortSignal | undefined) {
    this.#reader = reader;
    this.#scope = scope;
    this.#store = store;
    this.#work = new WorkQueue<Task>({
      width,
      retryDelayMs,
      work: (task, path, isRound) => this.#do(task, path, isRound),
      roundDone: () => this.#complete(),
      idle: () => this.#tellIdle(),
    });
    const { root, watchAt = root } = scope;
    const mode = scope.maxDepth === 0 && watchAt === root ? "node" : "recursive";
    this.#watch = reader.watch(root, { mode, watchAt, signal, bufferSize: watchBufferSize });
    this.loaded = new Promise((resolve, reject) => {
      this.#settleLoaded = { resolve, reject };
    });
    this.loaded.catch(() => {});
    this.ended = this.#follow(signal);
  }

  /** Whether the store may differ from the server by more than what is on its way just now. */
  get isStale(): boolean {
    return this.#isClosed || !this.#isComplete || !this.#watch.current;
  }

  /** Whether something was heard of, or is missing, and has not been read. */
  get isPending(): boolean {
    return !this.#isClosed && (!this.#isComplete || !this.#work.isIdle);
  }

  /** Resolves when nothing is pending, or when the feed has ended. */
  async settled(): Promise<void> {
    do {
      if (this.isPending) await new Promise<void>((resolve) => this.#awaitingIdle.push(resolve));
      // What arrived together with the last answer is taken note of before the next turn.
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.isPending);
  }

  async close(): Promise<void> {
    this.#end();
    await this.#watch.close();
  }

  #end(): void {
    this.#isClosed = true;
    this.#work.close();
    this.#tellIdle();
  }

  #tellIdle(): void {
    for (const resolve of this.#awaitingIdle.splice(0)) resolve();
  }

  async #follow(signal: AbortSignal | undefined): Promise<Error | undefined> {
    try {
      // What is read before the watch is armed could change unseen.
      await this.#watch.ready;
      this.#work.add("visit", this.#scope.root, true);
      for await (const { type, path } of this.#watch) {
        if (type === "resync") this.#resync();
        else if (this.#isStored(this.#depth(path))) this.#work.add("read", path, false);
      }
    } catch (error) {
      if (!isOrdinaryEnd(error)) this.#failure ??= error as Error;
    }
    this.#end();
    this.#settleLoaded?.reject(this.#failure ?? this.#ending(signal));
    return this.#failure;
  }

  #ending(signal: AbortSignal | undefined): Error {
    const details = { op: "cache", path: this.#scope.root, cause: signal?.reason as unknown };
    return signal?.aborted === true
      ? new AbortedError(`cache ${details.path}: aborted by the caller's signal`, details)
      : new ClosedError(`cache ${details.path}: closed before it was complete`, details);
  }

  /** Final. */
  #fail(error: Error): void {
    this.#failure ??= error;
    void this.close();
  }

  #resync(): void {
    this.#isComplete = false;
    this.#work.retryNow();
    this.#work.add("walk", this.#scope.root, true);
  }

  #complete(): void {
    this.#isComplete = true;
    this.#settleLoaded?.resolve();
    this.#settleLoaded = undefined;
  }

  async #do(task: Task, path: string, isRound: boolean): Promise<void> {
    try {
      if (task === "walk") await this.#walk(path);
      else if (task === "visit") await this.#visit(path);
      else await this.#read(path, isRound);
    } catch (error) {
      const isOpening = this.#settleLoaded !== undefined;
      if (isOpening && !isTransient(error) && !isOrdinaryEnd(error)) this.#fail(error as Error);
      throw error;
    }
  }

  /** A new session may be served by a server that lags behind what was seen in the last one. */
  async #walk(path: string): Promise<void> {
    try {
      await this.#reader.sync(path);
    } catch {
      // Such as one that is cut off from the quorum and serves reads only: what it has is all there is.
    }
    this.#work.add("visit", path, true);
  }

  /** Compares; whatever differs is decided by a read of its own. */
  async #visit(path: string): Promise<void> {
    const depth = this.#depth(path);
    const { stat, children } = await this.#look(path, depth);
    if (this.#isStored(depth) && !this.#isStoredAs(path, stat)) this.#work.add("read", path, true);
    if (depth >= this.#scope.maxDepth) return;
    const present = new Set(children);
    for (const name of this.#store.names(path)) {
      if (!present.has(name)) this.#work.add("read", joinPath(path, name), true);
    }
    const isAboveLeaves = depth + 1 === this.#scope.maxDepth;
    for (const name of children) {
      const child = joinPath(path, name);
      // With nothing stored to compare with it has to be read anyway.
      this.#work.add(isAboveLeaves && !this.#store.has(child) ? "read" : "visit", child, true);
    }
  }

  /** Undefined and no children if there is no such znode, or none that may be read. */
  async #look(path: string, depth: number): Promise<{ stat?: Stat; children: readonly string[] }> {
    try {
      if (depth < this.#scope.maxDepth) return await this.#reader.list(path);
      // With nothing stored to compare with it has to be read anyway.
      if (!this.#store.has(path)) return { children: [] };
      return { stat: await this.#reader.stat(path), children: [] };
    } catch (error) {
      if (this.#isAbsence(error, path)) return { children: [] };
      throw error;
    }
  }

  async #read(path: string, isRound: boolean): Promise<void> {
    const node = await this.#fetch(path);
    if (this.#isClosed) return;
    if (node === undefined) return this.#store.remove(path);
    const parent = parentPath(path);
    const isEarly = path !== this.#scope.root && !this.#store.has(parent) && this.#work.has("read", parent);
    // No child appears before its parent.
    if (isEarly) return this.#work.add("read", path, isRound);
    const before = this.#store.get(path);
    this.#store.put(node);
    const isAnother = before !== undefined && before.stat.czxid !== node.stat.czxid;
    // What was below has gone with the old znode.
    if (isAnother && this.#depth(path) < this.#scope.maxDepth) this.#work.add("visit", path, isRound);
  }

  async #fetch(path: string): Promise<CachedNode | undefined> {
    try {
      if (!this.#scope.data) return { path, data: null, stat: await this.#reader.stat(path) };
      const { data, stat } = await this.#reader.get(path);
      return { path, data, stat };
    } catch (error) {
      if (this.#isAbsence(error, path)) return undefined;
      throw error;
    }
  }

  /** What may not be read is not part of the view; but a cache of nothing else is refused when it is opened. */
  #isAbsence(error: unknown, path: string): boolean {
    if (error instanceof NoNodeError) return true;
    return error instanceof NoAuthError && (path !== this.#scope.root || this.#settleLoaded === undefined);
  }

  #isStored(depth: number): boolean {
    return depth >= this.#scope.minDepth && depth <= this.#scope.maxDepth;
  }

  #isStoredAs(path: string, stat: Stat | undefined): boolean {
    const known = this.#store.get(path)?.stat;
    return known !== undefined && known.czxid === stat?.czxid && known.mzxid === stat.mzxid;
  }

  #depth(path: string): number {
    return levels(path) - levels(this.#scope.root);
  }
}

function levels(path: string): number {
  if (path === "/") return 0;
  let count = 0;
  for (let slash = 0; slash !== -1; slash = path.indexOf("/", slash + 1)) count++;
  return count;
}

function isTransient(error: unknown): boolean {
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown };
  return retryable === true || code === "SESSION_EXPIRED";
}

/** Ends that were asked for. */
function isOrdinaryEnd(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ABORTED" || code === "CLOSED";
}
