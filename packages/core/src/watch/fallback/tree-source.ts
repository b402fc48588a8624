import type { Stat } from "@quorate/protocol";
import { NoAuthError } from "../../errors/server-errors.ts";
import { joinPath, nodeName, parentPath } from "../../paths/path.ts";
import { changesBetween, type Version } from "../stat-changes.ts";
import { Rearming } from "./rearming.ts";
import type { Source, SourceContext, SourceEvents } from "./source.ts";

interface TreeNode {
  readonly path: string;
  readonly node: Rearming<"exists">;
  readonly list: Rearming<"children">;
  readonly children: Set<string>;
  version: Version | undefined;
}

/** A znode and everything below it: two one-shot watches on each znode, and changes found by comparing. Parents are told before children. */
export function treeSource(context: SourceContext, root: string, events: SourceEvents): Source {
  return new TreeSource(context, root, events);
}

class TreeSource implements Source {
  readonly #context: SourceContext;
  readonly #root: string;
  readonly #events: SourceEvents;
  readonly #nodes = new Map<string, TreeNode>();
  /** Readings the first walk still waits for: what they find is the state to compare with, not news. */
  readonly #outstanding = new Set<object>();
  #isReady = false;

  constructor(context: SourceContext, root: string, events: SourceEvents) {
    this.#context = context;
    this.#root = root;
    this.#events = events;
    this.#visit(root, true);
  }

  close(): void {
    for (const { node, list } of this.#nodes.values()) {
      node.stop();
      list.stop();
    }
    this.#nodes.clear();
  }

  #visit(path: string, isBaseline: boolean): void {
    const entry: TreeNode = {
      path,
      node: new Rearming(this.#context, "exists", path, {
        read: (reply) => this.#nodeRead(entry, reply?.stat),
        failed: (error) => this.#events.failed(error),
      }),
      list: new Rearming(this.#context, "children", path, {
        read: (reply) => this.#listRead(entry, reply?.children),
        failed: (error) => this.#listFailed(entry, error),
      }),
      children: new Set(),
      version: undefined,
    };
    this.#nodes.set(path, entry);
    if (isBaseline) {
      this.#outstanding.add(entry.node);
      this.#outstanding.add(entry.list);
    }
    entry.node.start();
    entry.list.start();
  }

  #nodeRead(entry: TreeNode, stat: Stat | undefined): void {
    const { path, version: before } = entry;
    entry.version = stat;
    if (before !== undefined && before.czxid !== stat?.czxid) {
      this.#removeBelow(entry);
      // A list read meanwhile may have been the new znode's already, and what it found is gone with the rest.
      if (stat !== undefined) entry.list.stop();
    }
    if (!this.#outstanding.has(entry.node)) {
      for (const { type, zxid } of changesBetween("data", before, stat)) this.#events.change(type, path, zxid);
    }
    // Where there is none, its return is waited for until the parent's list says that it is gone.
    if (stat !== undefined) entry.list.start();
    this.#arrived(entry.node);
  }

  #listRead(entry: TreeNode, names: readonly string[] | undefined): void {
    if (names !== undefined) {
      const present = new Set(names);
      for (const name of entry.children) {
        if (!present.has(name)) this.#remove(joinPath(entry.path, name));
      }
      const isBaseline = this.#outstanding.has(entry.list);
      for (const name of names) {
        if (entry.children.has(name)) continue;
        entry.children.add(name);
        this.#visit(joinPath(entry.path, name), isBaseline);
      }
    }
    this.#arrived(entry.list);
  }

  /** Of a znode that may not be listed, what is below stays unknown. */
  #listFailed(entry: TreeNode, error: Error): void {
    if (!(error instanceof NoAuthError) || entry.path === this.#root) return this.#events.failed(error);
    this.#arrived(entry.list);
  }

  /** Deepest first. */
  #remove(path: string): void {
    const entry = this.#nodes.get(path);
    if (entry === undefined) return;
    this.#removeBelow(entry);
    if (entry.version !== undefined) this.#events.change("deleted", path, -1n);
    this.#nodes.delete(path);
    this.#nodes.get(parentPath(path))?.children.delete(nodeName(path));
    entry.node.stop();
    entry.list.stop();
    this.#arrived(entry.node);
    this.#arrived(entry.list);
  }

  #removeBelow(entry: TreeNode): void {
    for (const name of entry.children) this.#remove(joinPath(entry.path, name));
  }

  #arrived(reading: object): void {
    this.#outstanding.delete(reading);
    if (this.#isReady || this.#outstanding.size > 0) return;
    this.#isReady = true;
    this.#events.ready();
  }
}
