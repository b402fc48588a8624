import type { CacheReader } from "./cache-reader.ts";
import type { CachedNode } from "./cached-node.ts";
import { type CacheSettings, ZnodeCache } from "./znode-cache.ts";

/** One znode. Made by `client.cache(path, { mode: "node" })`. */
export class NodeCache extends ZnodeCache {
  constructor(reader: CacheReader, path: string, settings: CacheSettings) {
    super(reader, { root: path, minDepth: 0, maxDepth: 0 }, settings);
  }

  override get(path: string = this.path): CachedNode | undefined {
    return super.get(path);
  }
}

/**
 * The children of a znode, without that znode itself. Made by `client.cache(path, { mode: "children" })`. The server tells of changes
 * farther down as well: they cost traffic, no memory.
 */
export class ChildrenCache extends ZnodeCache {
  constructor(reader: CacheReader, path: string, settings: CacheSettings) {
    super(reader, { root: path, minDepth: 1, maxDepth: 1 }, settings);
  }

  override children(path: string = this.path): readonly string[] {
    return super.children(path);
  }
}

/** A znode and everything below it, down to `maxDepth` levels. Made by `client.cache(path)`. */
export class TreeCache extends ZnodeCache {
  constructor(reader: CacheReader, path: string, settings: CacheSettings & { readonly maxDepth: number }) {
    super(reader, { root: path, minDepth: 0, maxDepth: settings.maxDepth }, settings);
  }

  override children(path: string = this.path): readonly string[] {
    return super.children(path);
  }
}
