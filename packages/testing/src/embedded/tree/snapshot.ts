import type { Acl } from "@quorate/protocol";
import type { DataTree } from "./data-tree.ts";
import type { Lifetime } from "./lifetime.ts";
import { nameOf, parentOf } from "./paths.ts";
import { walk } from "./walk.ts";
import { Znode } from "./znode.ts";

/** A tree as JSON: 64-bit numbers as decimal strings, data as base64. */
export interface TreeSnapshot {
  /** Of the last transaction it holds. */
  readonly zxid: string;
  /** Parents before their children. */
  readonly znodes: readonly ZnodeSnapshot[];
}

export interface ZnodeSnapshot {
  readonly path: string;
  readonly data: string | null;
  readonly acl: readonly Acl[];
  readonly czxid: string;
  readonly mzxid: string;
  readonly pzxid: string;
  readonly ctime: string;
  readonly mtime: string;
  readonly version: number;
  readonly aversion: number;
  /** Children ever created. */
  readonly creations: number;
  readonly lifetime: LifetimeSnapshot;
}

export type LifetimeSnapshot =
  | Exclude<Lifetime, { kind: "ephemeral" }>
  | { readonly kind: "ephemeral"; readonly sessionId: string };

export function takeSnapshot(tree: DataTree, zxid: bigint): TreeSnapshot {
  const znodes = [...walk(tree.nodes, "/")].map(([path, node]): ZnodeSnapshot => {
    const { lifetime } = node;
    return {
      path,
      data: node.data === null ? null : Buffer.from(node.data).toString("base64"),
      acl: node.acl,
      czxid: String(node.czxid),
      mzxid: String(node.mzxid),
      pzxid: String(node.pzxid),
      ctime: String(node.ctime),
      mtime: String(node.mtime),
      version: node.version,
      aversion: node.aversion,
      creations: node.creations,
      lifetime: lifetime.kind === "ephemeral" ? { ...lifetime, sessionId: String(lifetime.sessionId) } : lifetime,
    };
  });
  return { zxid: String(zxid), znodes };
}

/** The znodes of a snapshot by path. Ephemeral ones only of sessions that live: nobody would ever delete the others. */
export function znodesOf(snapshot: TreeSnapshot, isAlive: (sessionId: bigint) => boolean): ReadonlyMap<string, Znode> {
  const znodes = new Map<string, Znode>();
  for (const entry of snapshot.znodes) {
    const lifetime = lifetimeOf(entry.lifetime);
    if (lifetime.kind === "ephemeral" && !isAlive(lifetime.sessionId)) continue;
    const node = znodeOf(entry, lifetime);
    if (entry.path !== "/") {
      const parent = znodes.get(parentOf(entry.path));
      if (parent === undefined) continue;
      parent.addChild(nameOf(entry.path));
    }
    znodes.set(entry.path, node);
  }
  return znodes;
}

function lifetimeOf(lifetime: LifetimeSnapshot): Lifetime {
  return lifetime.kind === "ephemeral" ? { ...lifetime, sessionId: BigInt(lifetime.sessionId) } : lifetime;
}

function znodeOf(entry: ZnodeSnapshot, lifetime: Lifetime): Znode {
  const data = entry.data === null ? null : Buffer.from(entry.data, "base64");
  const node = new Znode({ data, acl: entry.acl, lifetime }, { zxid: BigInt(entry.czxid), time: BigInt(entry.ctime) });
  node.mzxid = BigInt(entry.mzxid);
  node.pzxid = BigInt(entry.pzxid);
  node.mtime = BigInt(entry.mtime);
  node.version = entry.version;
  node.aversion = entry.aversion;
  node.creations = entry.creations;
  return node;
}
