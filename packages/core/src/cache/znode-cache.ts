import { CacheFeed, type CacheScope } from "./cache-feed.ts";
import type { CacheReader } from "./cache-reader.ts";
import type { CacheChange, CachedNode } from "./cached-node.ts";
import { ChangeStream, type ChangesOptions } from "./change-stream.ts";
import { NodeStore } from "./node-store.ts";

export interface CacheSettings {
  /** Whether the data is kept, or the stat alone. */
  readonly data: boolean;
  /** Where the watch stands. Default the root. */
  readonly watchAt: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * A copy of znodes in memory, kept equal to the server by a watch: over reconnects and new sessions, and when the root is deleted and comes
 * back. Reading it takes no round trip. Znodes that may not be read are left out.
 */
export abstract class ZnodeCache implements AsyncDisposable {
  /** The root. */
  readonly path: string;
  readonly #store: NodeStore;
  readonly #feed: CacheFeed;
  readonly #streams = new Set<ChangeStream>();
  #revision = 0;
  #end: { readonly error: Error | undefined } | undefined;

  protected constructor(reader: CacheReader, scope: Omit<CacheScope, "data" | "watchAt">, settings: CacheSettings) {
    const { data, watchAt, signal } = settings;
    this.path = scope.root;
    this.#store = new NodeStore((change) => this.#changed(change));
    this.#feed = new CacheFeed(reader, { ...scope, data, watchAt }, this.#store, signal);
    void this.#feed.ended.then((error) => this.#ended(error));
  }

  /** Resolves with the first full view. */
  get loaded(): Promise<void> {
    return this.#feed.loaded;
  }

  /** Resolves when nothing is followed any more: with the server's refusal, or with nothing if it was closed. Never rejects. */
  get ended(): Promise<Error | undefined> {
    return this.#feed.ended;
  }

  /** Number of znodes held. */
  get size(): number {
    return this.#store.size;
  }

  /**
   * Whether what is held may be out of date by more than what is on its way just now: while no server is connected, until everything was
   * compared after that, and for good after the end.
   */
  get stale(): boolean {
    return this.#feed.isStale;
  }

  /** Grows with every change: what was derived of the cache is good while this stays the same. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Whether a change was heard of that is not held yet. While nothing is pending what is held is the state of one moment: of each transaction
   * all or nothing.
   */
  get pending(): boolean {
    return this.#feed.isPending;
  }

  /** Resolves when nothing is pending: at once or, while no server is connected, once one was; also when the cache ends. Never rejects. */
  settled(): Promise<void> {
    return this.#feed.settled();
  }

  /** Undefined if there is no such znode, or if it is not part of this cache. */
  get(path: string): CachedNode | undefined {
    return this.#store.get(path);
  }

  /** Names of the children held, in no particular order. */
  children(path: string): readonly string[] {
    return this.#store.names(path);
  }

  /** Path and znode of everything held, parents before their children. */
  entries(): IterableIterator<[string, CachedNode]> {
    return this.#store.entries();
  }

  /**
   * The changes from the moment of this call on. Beyond 1024 that nobody has read they are merged: one for each path, to the newest state.
   * Finishes when the cache ends, throws if the server refused to go on.
   */
  changes({ signal }: ChangesOptions = {}): AsyncIterableIterator<CacheChange, undefined> {
    const stream = new ChangeStream(signal, (left) => this.#streams.delete(left));
    if (this.#end !== undefined) stream.end(this.#end.error);
    else if (signal?.aborted !== true) this.#streams.add(stream);
    return stream;
  }

  /** What is held can still be read afterwards. Idempotent. */
  async close(): Promise<void> {
    await this.#feed.close();
    await this.#feed.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #changed(change: CacheChange): void {
    this.#revision++;
    for (const stream of this.#streams) stream.push(change);
  }

  #ended(error: Error | undefined): void {
    this.#end = { error };
    for (const stream of [...this.#streams]) stream.end(error);
  }
}
