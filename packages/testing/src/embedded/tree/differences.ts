import { openAcl } from "../acl/well-known.ts";
import { parentOf } from "./paths.ts";
import type { TreeChange } from "./tree-change.ts";
import type { Znode } from "./znode.ts";

type Znodes = ReadonlyMap<string, Znode>;

/** What a watcher of everything would have seen between two states of a tree: znodes that went, deepest first, then the rest. */
export function* differences(before: Znodes, after: Znodes): Generator<TreeChange> {
  const gone = [...before.keys()].filter((path) => !after.has(path)).sort((a, b) => b.length - a.length);
  for (const path of gone) yield change("deleted", path, before);
  for (const [path, node] of after) {
    const old = before.get(path);
    if (old === undefined) yield change("created", path, after);
    else if (old.czxid !== node.czxid || old.mzxid !== node.mzxid) yield change("dataChanged", path, after);
  }
}

function change(type: TreeChange["type"], path: string, znodes: Znodes): TreeChange {
  const aclOf = (of: string): TreeChange["acl"] => znodes.get(of)?.acl ?? openAcl;
  return { type, path, acl: aclOf(path), parentAcl: aclOf(parentOf(path)) };
}
