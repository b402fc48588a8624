import { childOf } from "./paths.ts";
import type { Znode } from "./znode.ts";

/** Every path at and below one, parents first. However deep: the stack is not the process'. */
export function* walk(nodes: ReadonlyMap<string, Znode>, from: string): Generator<[string, Znode]> {
  const waiting = [from];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const node = nodes.get(path);
    if (node === undefined) continue;
    yield [path, node];
    for (const name of node.children) waiting.push(childOf(path, name));
  }
}
