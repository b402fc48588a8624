import { bounded } from "../bounds/bounded.ts";
import { checkedFlag, checkOptions, shown } from "../bounds/options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import type { CacheReader } from "./cache-reader.ts";
import { ChildrenCache, NodeCache, TreeCache } from "./caches.ts";

export type CacheMode = "node" | "children" | "tree";

export interface CacheOptions {
  /** Default `"tree"`. */
  readonly mode?: CacheMode | undefined;
  /** Default true. False keeps the stats alone: `data` is null everywhere. */
  readonly data?: boolean | undefined;
  /** Levels below the root that are kept, for mode `"tree"`. Default: all. */
  readonly maxDepth?: number | undefined;
  /** The path itself or a znode above it whose one watch serves this cache and others, as with `watch()`. Default the path itself. */
  readonly watchAt?: string | undefined;
  /** Ends the cache, also while it is being opened. */
  readonly signal?: AbortSignal | undefined;
  /** Bound of the opening alone, milliseconds. Default: none. */
  readonly timeoutMs?: number | undefined;
}

/** What each mode gives. */
export interface CacheTypes {
  readonly node: NodeCache;
  readonly children: ChildrenCache;
  readonly tree: TreeCache;
}

/**
 * Resolves with the first full view. A missing root is an empty cache that fills when the root appears. Waits while no server can be reached.
 *
 * @throws InvalidArgumentError, NoAuthError (the root may not be read), TimeoutError, AbortedError, ClosedError
 */
export function openCache<Mode extends CacheMode = "tree">(
  reader: CacheReader,
  path: string,
  options?: CacheOptions & { readonly mode?: Mode | undefined },
): Promise<CacheTypes[Mode]>;
export async function openCache(
  reader: CacheReader,
  path: string,
  options: CacheOptions = {},
): Promise<NodeCache | ChildrenCache | TreeCache> {
  checkOptions(options, { op: "cache", path });
  return bounded({ signal: options.signal, timeoutMs: options.timeoutMs }, { op: "cache", path }, async (signal) => {
    const cache = makeCache(reader, path, options);
    const giveUp = (): void => void cache.close();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await cache.loaded;
      return cache;
    } catch (error) {
      await cache.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  });
}

function makeCache(reader: CacheReader, path: string, options: CacheOptions): NodeCache | ChildrenCache | TreeCache {
  const { mode = "tree", maxDepth = Number.POSITIVE_INFINITY, watchAt, signal } = options;
  const data = checkedFlag("data", options.data ?? true, { op: "cache", path });
  const settings = { data, watchAt, signal };
  switch (mode) {
    case "node":
      return new NodeCache(reader, path, settings);
    case "children":
      return new ChildrenCache(reader, path, settings);
    case "tree":
      return new TreeCache(reader, path, { ...settings, maxDepth: checkedDepth(maxDepth, path) });
    default:
      throw refused("mode", mode, `"node", "children" or "tree"`, path);
  }
}

function checkedDepth(maxDepth: number, path: string): number {
  if (maxDepth === Number.POSITIVE_INFINITY || (Number.isInteger(maxDepth) && maxDepth >= 0)) return maxDepth;
  throw refused("maxDepth", maxDepth, "a whole number from 0 up", path);
}

function refused(option: string, value: unknown, wanted: string, path: string): InvalidArgumentError {
  return new InvalidArgumentError(`${option} ${shown(value)} is not ${wanted}`, { op: "cache", path });
}
