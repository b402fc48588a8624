import { childOf } from "./paths.ts";
import type { Znode } from "./znode.ts";

/** Every path at and below one, parents first. */
export function* walk(nodes: ReadonlyMap<string, Znode>, from: string): Generator<[string, Znode]> {
  const node = nodes.get(from);
  if (node === undefined) return;
  yield [from, node];
  for (const name of node.children) yield* walk(nodes, childOf(from, name));
}
