import type { Acl, WatchEventType } from "@quorate/protocol";
import { parentOf } from "../tree/paths.ts";
import type { Watcher, WatchMode } from "./watcher.ts";

/**
 * Who watches which path, in one of the two kinds of watches that a server keeps apart: data and children. This is
 * org.apache.zookeeper.server.watch.WatchManager of 3.8.0 with its quirks, which clients have to live with: a connection has one mode for a
 * path, so that a one-shot watch takes the place of a persistent one (ZOOKEEPER-4466) and a removal takes both (ZOOKEEPER-4471).
 */
export class WatchTable {
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #modes = new Map<Watcher, Map<string, WatchMode>>();
  #recursive = 0;

  /** Paths by watcher. */
  get byWatcher(): ReadonlyMap<Watcher, ReadonlyMap<string, WatchMode>> {
    return this.#modes;
  }

  /** Watchers by path. */
  get byPath(): ReadonlyMap<string, ReadonlySet<Watcher>> {
    return this.#watchers;
  }

  get size(): number {
    let size = 0;
    for (const paths of this.#modes.values()) size += paths.size;
    return size;
  }

  add(path: string, watcher: Watcher, mode: WatchMode): void {
    const watchers = this.#watchers.get(path);
    if (watchers === undefined) this.#watchers.set(path, new Set([watcher]));
    else watchers.add(watcher);
    let modes = this.#modes.get(watcher);
    if (modes === undefined) {
      modes = new Map();
      this.#modes.set(watcher, modes);
    }
    this.#countRecursive(modes.get(path), mode);
    modes.set(path, mode);
  }

  /** @returns whether there was one */
  remove(path: string, watcher: Watcher): boolean {
    const modes = this.#modes.get(watcher);
    const mode = modes?.get(path);
    if (modes === undefined || mode === undefined) return false;
    modes.delete(path);
    if (modes.size === 0) this.#modes.delete(watcher);
    this.#countRecursive(mode, undefined);
    const watchers = this.#watchers.get(path);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(path);
    return true;
  }

  removeAllOf(watcher: Watcher): void {
    for (const path of [...(this.#modes.get(watcher)?.keys() ?? [])]) this.remove(path, watcher);
  }

  /** As in 3.8.0, a watch of anybody's on the path counts. */
  contains(path: string): boolean {
    return this.#watchers.has(path);
  }

  /**
   * Tells those who watch the path, and, of most changes, those who watch a path above recursively.
   *
   * @param acl of the znode
   * @param spared those whose turn it was already
   * @returns those whose turn it was, whether or not they may know
   */
  trigger(
    path: string,
    type: WatchEventType,
    acl: readonly Acl[],
    spared?: ReadonlySet<Watcher>,
  ): ReadonlySet<Watcher> {
    const struck = this.#struck(path, type);
    for (const watcher of struck) {
      if (spared?.has(watcher) !== true) watcher.notify(type, path, acl);
    }
    return struck;
  }

  #struck(path: string, type: WatchEventType): ReadonlySet<Watcher> {
    const own = this.#watchers.get(path);
    if (own === undefined && this.#recursive === 0) return nobody;
    const struck = new Set<Watcher>();
    for (const watcher of own ?? []) {
      const mode = this.#modes.get(watcher)?.get(path);
      if (mode !== "recursive" || type !== "childrenChanged") struck.add(watcher);
      if (mode === "one-shot") this.remove(path, watcher);
    }
    if (this.#recursive > 0 && type !== "childrenChanged" && path !== "/") this.#addRecursiveAbove(path, struck);
    return struck;
  }

  #addRecursiveAbove(path: string, struck: Set<Watcher>): void {
    for (let above = parentOf(path); ; above = parentOf(above)) {
      for (const watcher of this.#watchers.get(above) ?? []) {
        if (this.#modes.get(watcher)?.get(above) === "recursive") struck.add(watcher);
      }
      if (above === "/") return;
    }
  }

  #countRecursive(before: WatchMode | undefined, after: WatchMode | undefined): void {
    if (before === "recursive") this.#recursive--;
    if (after === "recursive") this.#recursive++;
  }
}

const nobody: ReadonlySet<Watcher> = new Set();
