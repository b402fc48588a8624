import type { CacheChange, CachedNode, Client } from "@quorate/core";
import { expect } from "vitest";

/** What tells one state of a znode from another, and its data. */
function stateOf({ data, stat }: Pick<CachedNode, "data" | "stat">): string {
  return `${stat.czxid}/${stat.mzxid} ${data === null ? "null" : Buffer.from(data).toString()}`;
}

/** The subtree as the server has it now, read znode by znode. */
export async function treeOf(
  client: Client,
  root: string,
  maxDepth = Number.POSITIVE_INFINITY,
): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  const visit = async (path: string, depth: number): Promise<void> => {
    tree.set(path, stateOf(await client.get(path)));
    if (depth >= maxDepth) return;
    for (const name of await client.children(path)) await visit(`${path}/${name}`, depth + 1);
  };
  if ((await client.exists(root)) !== undefined) await visit(root, 0);
  return tree;
}

export function statesOf(entries: Iterable<[string, CachedNode]>): Map<string, string> {
  return new Map([...entries].map(([path, node]) => [path, stateOf(node)]));
}

/** A copy of a cache made of its changes alone; each must fit what was there before. */
export class Replica {
  readonly nodes: Map<string, CachedNode>;

  constructor(entries: Iterable<[string, CachedNode]>) {
    this.nodes = new Map(entries);
  }

  async follow(changes: AsyncIterable<CacheChange>): Promise<void> {
    for await (const change of changes) this.apply(change);
  }

  apply(change: CacheChange): void {
    const known = this.nodes.get(change.path);
    const before = change.type === "updated" ? change.before : change.node;
    const expected = change.type === "added" ? undefined : stateOf(before);
    expect(known && stateOf(known), `${change.type} ${change.path}`).toBe(expected);
    if (change.type === "updated") {
      const { node } = change;
      const isNewer =
        node.stat.czxid > before.stat.czxid ||
        (node.stat.czxid === before.stat.czxid && node.stat.mzxid > before.stat.mzxid);
      expect(isNewer, `${change.path}: ${stateOf(before)} -> ${stateOf(node)}`).toBe(true);
    }
    if (change.type === "removed") this.nodes.delete(change.path);
    else this.nodes.set(change.path, change.node);
  }
}
