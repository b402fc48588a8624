import type { Acl } from "@quorate/protocol";
import { configAcl, openAcl } from "../acl/well-known.ts";
import { differences } from "./differences.ts";
import { persistent } from "./lifetime.ts";
import { Lifetimes } from "./lifetimes.ts";
import { nameOf, parentOf } from "./paths.ts";
import type { TreeChange } from "./tree-change.ts";
import { type Transaction, Znode, type ZnodeContent } from "./znode.ts";

/** What a server without data has, and what nobody can delete. */
const ownPaths: ReadonlySet<string> = new Set(["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]);
const beginning: Transaction = { zxid: 0n, time: 0n };

/** The znodes, with all that is counted about them. Knows nothing of permissions, versions asked for, or who asks. */
export class DataTree {
  readonly #nodes = new Map<string, Znode>();
  readonly #onChange: (change: TreeChange) => void;
  readonly lifetimes: Lifetimes = new Lifetimes();
  /** How to take back what the transaction under way has done; undefined outside of one. */
  #undo: (() => void)[] | undefined;
  #unseen: TreeChange[] = [];

  constructor(onChange: (change: TreeChange) => void) {
    this.#onChange = onChange;
    this.reset();
  }

  get nodes(): ReadonlyMap<string, Znode> {
    return this.#nodes;
  }

  /** As on ZooKeeper's server, the empty path reads as the root. */
  get(path: string): Znode | undefined {
    return this.#nodes.get(path === "" ? "/" : path);
  }

  isOwn(path: string): boolean {
    return ownPaths.has(path);
  }

  /** The parent has to exist, the path must not. */
  create(path: string, content: ZnodeContent, transaction: Transaction): Znode {
    const node = new Znode(content, transaction);
    const parent = this.#existing(parentOf(path));
    const { pzxid } = parent;
    this.#insert(path, node, parent);
    parent.creations = (parent.creations + 1) | 0;
    parent.pzxid = transaction.zxid;
    this.#undo?.push(() => {
      this.#remove(path, node, parent);
      parent.creations = (parent.creations - 1) | 0;
      parent.pzxid = pzxid;
    });
    this.#changed({ type: "created", path, acl: node.acl, parentAcl: parent.acl });
    return node;
  }

  delete(path: string, { zxid }: Transaction): void {
    const node = this.#existing(path);
    const parent = this.#existing(parentOf(path));
    const { pzxid } = parent;
    this.#remove(path, node, parent);
    parent.pzxid = zxid;
    this.#undo?.push(() => {
      this.#insert(path, node, parent);
      parent.pzxid = pzxid;
    });
    this.#changed({ type: "deleted", path, acl: node.acl, parentAcl: parent.acl });
  }

  setData(path: string, data: Uint8Array | null, { zxid, time }: Transaction): Znode {
    const node = this.#existing(path);
    const before = { data: node.data, version: node.version, mzxid: node.mzxid, mtime: node.mtime };
    node.data = data;
    node.version = (node.version + 1) | 0;
    node.mzxid = zxid;
    node.mtime = time;
    this.#undo?.push(() => Object.assign(node, before));
    this.#changed({ type: "dataChanged", path, acl: node.acl, parentAcl: node.acl });
    return node;
  }

  setAcl(path: string, acl: readonly Acl[]): Znode {
    const node = this.#existing(path);
    node.acl = acl;
    node.aversion = (node.aversion + 1) | 0;
    return node;
  }

  /** Everything done within is undone if it throws; watches see it afterwards, or not at all. */
  atomically<T>(change: () => T): T {
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      const result = change();
      this.#undo = undefined;
      const changes = this.#unseen;
      this.#unseen = [];
      for (const seen of changes) this.#onChange(seen);
      return result;
    } catch (error) {
      for (const step of undo.toReversed()) step();
      throw error;
    } finally {
      this.#undo = undefined;
      this.#unseen = [];
    }
  }

  /** Back to what a new server has. Watches see nothing of it. */
  reset(): void {
    this.#nodes.clear();
    this.lifetimes.clear();
    const add = (path: string, acl: readonly Acl[], data: Uint8Array | null): void => {
      const node = new Znode({ data, acl, lifetime: persistent }, beginning);
      this.#nodes.set(path, node);
      if (path !== "/") this.#existing(parentOf(path)).addChild(nameOf(path));
    };
    for (const path of ownPaths) add(path, path === "/zookeeper/config" ? configAcl : openAcl, new Uint8Array(0));
    this.#existing("/zookeeper/config").aversion = -1;
  }

  /** Takes other znodes in place of all there are; the watches see what is different. */
  replace(znodes: ReadonlyMap<string, Znode>): void {
    const before = new Map(this.#nodes);
    this.reset();
    for (const [path, node] of znodes) {
      this.#nodes.set(path, node);
      this.lifetimes.add(path, node);
    }
    for (const path of ownPaths) if (path !== "/") this.#existing(parentOf(path)).addChild(nameOf(path));
    for (const change of differences(before, this.#nodes)) this.#onChange(change);
  }

  #existing(path: string): Znode {
    const node = this.#nodes.get(path);
    if (node === undefined) throw new Error(`no znode at ${path}`);
    return node;
  }

  #insert(path: string, node: Znode, parent: Znode): void {
    this.#nodes.set(path, node);
    parent.addChild(nameOf(path));
    this.lifetimes.add(path, node);
  }

  #remove(path: string, node: Znode, parent: Znode): void {
    this.#nodes.delete(path);
    parent.removeChild(nameOf(path));
    this.lifetimes.remove(path, node);
  }

  #changed(change: TreeChange): void {
    if (this.#undo === undefined) this.#onChange(change);
    else this.#unseen.push(change);
  }
}
