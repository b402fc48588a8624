import { type SetWatches2Request, WatcherType } from "@quorate/protocol";
import type { DataTree } from "../tree/data-tree.ts";
import { parentOf } from "../tree/paths.ts";
import type { TreeChange } from "../tree/tree-change.ts";
import { WatchTable } from "./watch-table.ts";
import type { Watcher, WatchMode } from "./watcher.ts";

/** All watches: which change strikes whom (org.apache.zookeeper.server.DataTree). */
export class Watches {
  readonly data: WatchTable = new WatchTable();
  readonly children: WatchTable = new WatchTable();

  get size(): number {
    return this.data.size + this.children.size;
  }

  changed({ type, path, acl, parentAcl }: TreeChange): void {
    switch (type) {
      case "dataChanged":
        this.data.trigger(path, type, acl);
        return;
      case "created":
        this.data.trigger(path, type, acl);
        this.children.trigger(parentOf(path), "childrenChanged", parentAcl);
        return;
      case "deleted": {
        const struck = this.data.trigger(path, type, acl);
        this.children.trigger(path, type, acl, struck);
        this.children.trigger(parentOf(path), "childrenChanged", parentAcl);
      }
    }
  }

  /** Leaves a watch that stays. */
  addLasting(path: string, watcher: Watcher, mode: Exclude<WatchMode, "one-shot">): void {
    this.data.add(path, watcher, mode);
    this.children.add(path, watcher, mode);
  }

  /** @returns whether there was any */
  remove(path: string, type: number, watcher: Watcher): boolean {
    const removed = this.#tables(type).map((table) => table.remove(path, watcher));
    return removed.includes(true);
  }

  contains(path: string, type: number): boolean {
    return this.#tables(type).some((table) => table.contains(path));
  }

  removeAllOf(watcher: Watcher): void {
    this.data.removeAllOf(watcher);
    this.children.removeAllOf(watcher);
  }

  /** Watches a client had on another connection: set again, or answered at once where something has happened meanwhile. */
  restore(request: SetWatches2Request, tree: DataTree, watcher: Watcher): void {
    const { relativeZxid } = request;
    for (const path of request.dataWatches) {
      const node = tree.get(path);
      if (node === undefined) watcher.notify("deleted", path);
      else if (node.mzxid > relativeZxid) watcher.notify("dataChanged", path);
      else this.data.add(path, watcher, "one-shot");
    }
    for (const path of request.existWatches) {
      if (tree.get(path) === undefined) this.data.add(path, watcher, "one-shot");
      else watcher.notify("created", path);
    }
    for (const path of request.childWatches) {
      const node = tree.get(path);
      if (node === undefined) watcher.notify("deleted", path);
      else if (node.pzxid > relativeZxid) watcher.notify("childrenChanged", path);
      else this.children.add(path, watcher, "one-shot");
    }
    for (const path of request.persistentWatches) this.addLasting(path, watcher, "persistent");
    for (const path of request.persistentRecursiveWatches) this.addLasting(path, watcher, "recursive");
  }

  #tables(type: number): readonly WatchTable[] {
    if (type === WatcherType.any) return [this.children, this.data];
    return type === WatcherType.data ? [this.data] : [this.children];
  }
}
