import type { Stat } from "@quorate/protocol";

/** A znode as last read. Treat `data` as read-only: everybody who asks gets the same bytes. */
export interface CachedNode {
  readonly path: string;
  /** Null for a znode without data, and where the cache was told to keep none. */
  readonly data: Uint8Array | null;
  /**
   * As of the read of this state of the data. What counts the children in it (`cversion`, `pzxid`, `numChildren`) and the ACL (`aversion`)
   * may be older than the server's: no watch tells of their changes alone.
   */
  readonly stat: Stat;
}

/**
 * A change of a cache. A znode deleted and created again while nobody could see it is `updated`, with another `czxid`. `node` of a removed
 * one is what it last was.
 */
export type CacheChange =
  | { readonly type: "added"; readonly path: string; readonly node: CachedNode }
  | { readonly type: "updated"; readonly path: string; readonly node: CachedNode; readonly before: CachedNode }
  | { readonly type: "removed"; readonly path: string; readonly node: CachedNode };

/** What the cache held before the change. */
function stateBefore(change: CacheChange): CachedNode | undefined {
  if (change.type === "added") return undefined;
  return change.type === "updated" ? change.before : change.node;
}

function netChange(first: CacheChange, last: CacheChange): CacheChange | undefined {
  const before = stateBefore(first);
  const { path, node } = last;
  if (last.type === "removed") return before === undefined ? undefined : last;
  return before === undefined ? { type: "added", path, node } : { type: "updated", path, node, before };
}

/**
 * At most one change for each path: from what the first of them found to what the newest left. A removal takes the place of the newest and
 * anything else that of the first, so that parents still come before, and go after, their children.
 */
export function coalesce(changes: readonly CacheChange[]): CacheChange[] {
  const spans = new Map<string, { readonly first: number; last: number }>();
  changes.forEach(({ path }, index) => {
    const span = spans.get(path);
    if (span === undefined) spans.set(path, { first: index, last: index });
    else span.last = index;
  });
  const placed: (CacheChange | undefined)[] = [];
  for (const { first, last } of spans.values()) {
    const change = netChange(changes[first] as CacheChange, changes[last] as CacheChange);
    placed[change?.type === "removed" ? last : first] = change;
  }
  return placed.filter((change) => change !== undefined);
}
