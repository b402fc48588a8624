import { joinPath, nodeName, parentPath } from "../paths/path.ts";
import type { CacheChange, CachedNode } from "./cached-node.ts";

/** The nodes of a cache by path. Tells of each change as it is made. */
export class NodeStore {
  readonly #nodes = new Map<string, CachedNode>();
  /** Names of the stored children of each path that has any. */
  readonly #names = new Map<string, Set<string>>();
  readonly #changed: (change: CacheChange) => void;

  constructor(changed: (change: CacheChange) => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#nodes.size;
  }

  has(path: string): boolean {
    return this.#nodes.has(path);
  }

  get(path: string): CachedNode | undefined {
    return this.#nodes.get(path);
  }

  entries(): IterableIterator<[string, CachedNode]> {
    return this.#nodes.entries();
  }

  names(path: string): readonly string[] {
    return [...(this.#names.get(path) ?? [])];
  }

  /** An older state than the one stored changes nothing. */
  put(node: CachedNode): void {
    const { path, stat } = node;
    const before = this.#nodes.get(path);
    if (before === undefined) {
      this.#nodes.set(path, node);
      this.#enterName(path);
      return this.#changed({ type: "added", path, node });
    }
    const isSame = stat.czxid === before.stat.czxid;
    if (isSame ? stat.mzxid < before.stat.mzxid : stat.czxid < before.stat.czxid) return;
    this.#nodes.set(path, node);
    if (!isSame || stat.mzxid !== before.stat.mzxid) this.#changed({ type: "updated", path, node, before });
  }

  /** With everything below, deepest first. */
  remove(path: string): void {
    for (const name of this.names(path)) this.remove(joinPath(path, name));
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    this.#nodes.delete(path);
    this.#leaveName(path);
    this.#changed({ type: "removed", path, node });
  }

  #enterName(path: string): void {
    if (path === "/") return;
    const parent = parentPath(path);
    const names = this.#names.get(parent);
    if (names === undefined) this.#names.set(parent, new Set([nodeName(path)]));
    else names.add(nodeName(path));
  }

  #leaveName(path: string): void {
    const parent = parentPath(path);
    const names = this.#names.get(parent);
    names?.delete(nodeName(path));
    if (names?.size === 0) this.#names.delete(parent);
  }
}
