import type { CachedNode } from "@quorate/core";
import { nodeName, parentPath } from "@quorate/core/recipe";
import { historyName } from "../history/layout.ts";
import type { Reading } from "../schema/format.ts";
import type { ConfigIssue } from "../schema/issue.ts";
import type { SnapshotNode } from "../snapshot/snapshot-record.ts";
import { copyOf, isPlain } from "../values/copy.ts";
import { define } from "./merge.ts";

/** ZooKeeper's own znodes, and histories, are no part of a configuration. */
export function isConfig(root: string, path: string): boolean {
  const below = path.slice(root === "/" ? 1 : root.length + 1).split("/");
  return !below.includes(historyName) && !(root === "/" && below[0] === "zookeeper");
}

/** One layer's znodes by path, each with what its data says. */
export type DecodedNodes = ReadonlyMap<
  string,
  { readonly node: SnapshotNode | CachedNode; readonly data: Reading<unknown> }
>;

/**
 * The nested object of a layer: a znode with children is an object of them, any other is its data. The data of a znode with children has to be
 * an object too, or empty; the children go over it. Undefined if there is nothing.
 */
export function layerValue(root: string, nodes: DecodedNodes, issues: ConfigIssue[]): unknown {
  const children = new Map<string, string[]>();
  for (const path of nodes.keys()) {
    if (path === root) continue;
    const parent = parentPath(path);
    children.set(parent, [...(children.get(parent) ?? []), path]);
  }
  const valueAt = (path: string, keys: readonly string[]): unknown => {
    const own = ownValue(path, keys);
    const below = children.get(path);
    if (below === undefined) return own;
    if (own !== undefined && !isObject(own)) {
      issues.push({ path: keys, message: "has data that is no object, and children" });
      return undefined;
    }
    const value: object = own === undefined ? {} : copyOf(own);
    for (const child of below.sort()) {
      const name = nodeName(child);
      const inner = valueAt(child, [...keys, name]);
      if (inner !== undefined) define(value, name, inner);
    }
    return value;
  };
  const ownValue = (path: string, keys: readonly string[]): unknown => {
    const { node, data } = nodes.get(path) ?? {};
    const isEmpty = node === undefined || node.data === null || (node.data.length === 0 && children.has(path));
    if (isEmpty || data === undefined || data.kind === "missing") return undefined;
    if (data.kind === "value") return data.value;
    issues.push(...data.issues.map(({ message, path: inner }) => ({ message, path: [...keys, ...inner] })));
    return undefined;
  };
  const value = valueAt(root, []);
  if (value === undefined || isObject(value)) return value;
  issues.push({ path: [], message: "is no object" });
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && isPlain(value);
}
