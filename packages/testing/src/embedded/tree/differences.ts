import type { TreeChange } from "./tree-change.ts";
import type { Znode } from "./znode.ts";

/** What a watcher of everything would have seen between two states of a tree: znodes that went, deepest first, then the rest. */
export function* differences(
  before: ReadonlyMap<string, Znode>,
  after: ReadonlyMap<string, Znode>,
): Generator<TreeChange> {
  const gone = [...before.keys()].filter((path) => !after.has(path)).sort((a, b) => b.length - a.length);
  for (const path of gone) yield { type: "deleted", path };
  for (const [path, node] of after) {
    const old = before.get(path);
    if (old === undefined) yield { type: "created", path };
    else if (old.czxid !== node.czxid || old.mzxid !== node.mzxid) yield { type: "dataChanged", path };
  }
}
