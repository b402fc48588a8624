import { ErrorCode, type MultiOperation, type MultiResult, type Operation, type Stat } from "@quorate/protocol";
import { nodeName, parentPath } from "../../src/paths/path.ts";
import { stat } from "./stat.ts";

interface Node {
  readonly czxid: number;
  readonly owner: bigint;
  version: number;
  data: string;
  /** Children ever created: the next sequence number. */
  created: number;
}

export type Listener = (type: "created" | "deleted" | "dataChanged", path: string) => void;

export class Refusal extends Error {
  readonly serverCode: number;

  constructor(serverCode: number) {
    super(`refused with ${serverCode}`);
    this.serverCode = serverCode;
  }
}

const sequentialFlags: ReadonlySet<number> = new Set([2, 3, 6]);
const ephemeralFlags: ReadonlySet<number> = new Set([1, 3]);

/** What a server would do with the few requests that locks and kept nodes are made of. No ACLs. */
export class ZnodeTree {
  readonly #nodes = new Map<string, Node>([["/", { czxid: 0, owner: 0n, version: 0, data: "", created: 0 }]]);
  readonly #watches = new Map<string, Set<Listener>>();
  #zxid = 100;

  get paths(): string[] {
    return [...this.#nodes.keys()].sort();
  }

  children(path: string): string[] {
    this.#get(path);
    return this.paths.filter((other) => other !== "/" && parentPath(other) === path).map(nodeName);
  }

  /** The next sequence number given in `path`. */
  setNextSequence(path: string, next: number): void {
    this.#get(path).created = next;
  }

  create(path: string, flags = 0, owner = 0n, data = ""): { readonly path: string; readonly stat: Stat } {
    const parent = this.#get(parentPath(path));
    // The counter wraps as the server's int32 does, printed with %010d.
    const sequence = parent.created | 0;
    const digits = `${sequence < 0 ? "-" : ""}${String(Math.abs(sequence)).padStart(sequence < 0 ? 9 : 10, "0")}`;
    const full = sequentialFlags.has(flags) ? path + digits : path;
    if (this.#nodes.has(full)) throw new Refusal(ErrorCode.NODE_EXISTS);
    parent.created++;
    const node = { czxid: ++this.#zxid, owner: ephemeralFlags.has(flags) ? owner : 0n, version: 0, data, created: 0 };
    this.#nodes.set(full, node);
    this.#fire("created", full);
    return { path: full, stat: statOf(node) };
  }

  data(path: string): string {
    return this.#get(path).data;
  }

  set(path: string, data: string, version = -1): Stat {
    const node = this.#get(path);
    checkVersion(node, version);
    node.data = data;
    node.version++;
    this.#zxid++;
    this.#fire("dataChanged", path);
    return statOf(node);
  }

  delete(path: string, version = -1): void {
    checkVersion(this.#get(path), version);
    if (this.children(path).length > 0) throw new Refusal(ErrorCode.NOT_EMPTY);
    this.#nodes.delete(path);
    this.#zxid++;
    this.#fire("deleted", path);
  }

  /** The session is gone: so are its ephemerals. */
  endSession(id: bigint): void {
    for (const [path, { owner }] of [...this.#nodes]) {
      if (owner === id) this.delete(path);
    }
  }

  /** @throws Refusal */
  apply(operation: Operation, sessionId: bigint, watch: Listener): object {
    switch (operation.op) {
      case "create2":
      case "createContainer":
      case "createTtl":
        return this.create(operation.path, operation.flags, sessionId, text(operation.data));
      case "delete":
        this.delete(operation.path, operation.version);
        return {};
      case "setData":
        return { stat: this.set(operation.path, text(operation.data), operation.version) };
      case "multi":
        // Those before one that is refused have been applied: not asked for by any test.
        return { results: operation.operations.map((each) => this.#applyOne(each, sessionId)) };
      case "exists": {
        if (operation.watch) this.#watch(operation.path, watch);
        return { stat: statOf(this.#get(operation.path)) };
      }
      case "getChildren":
        return { children: this.children(operation.path) };
      case "sync":
        return { path: operation.path };
      case "removeWatches":
        this.#watches.get(operation.path)?.delete(watch);
        return {};
      default:
        throw new Error(`${operation.op} is not known here`);
    }
  }

  /** Paths someone watches. */
  get watched(): string[] {
    return [...this.#watches].filter(([, watchers]) => watchers.size > 0).map(([path]) => path);
  }

  forget(watcher: Listener): void {
    for (const watchers of this.#watches.values()) watchers.delete(watcher);
  }

  #applyOne(operation: MultiOperation, sessionId: bigint): MultiResult {
    if (operation.op === "delete") {
      this.delete(operation.path, operation.version);
      return { op: "delete" };
    }
    if (operation.op !== "create" && operation.op !== "create2") throw new Error(`${operation.op} is not known here`);
    const { path } = this.create(operation.path, operation.flags, sessionId, text(operation.data));
    return { op: "create", path };
  }

  #get(path: string): Node {
    const node = this.#nodes.get(path);
    if (node === undefined) throw new Refusal(ErrorCode.NO_NODE);
    return node;
  }

  #watch(path: string, watcher: Listener): void {
    const watchers = this.#watches.get(path) ?? new Set();
    watchers.add(watcher);
    this.#watches.set(path, watchers);
  }

  #fire(type: Parameters<Listener>[0], path: string): void {
    const watchers = [...(this.#watches.get(path) ?? [])];
    this.#watches.delete(path);
    for (const watcher of watchers) watcher(type, path);
  }
}

function statOf({ czxid, owner, version }: Node): Stat {
  return { ...stat({ czxid, ephemeralOwner: owner }), version };
}

function checkVersion(node: Node, version: number): void {
  if (version !== -1 && version !== node.version) throw new Refusal(ErrorCode.BAD_VERSION);
}

function text(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString();
}
