import { isDeepStrictEqual } from "node:util";
import { isPlain } from "../values/copy.ts";

/** What happened to one key of a tree's value; keys of nested objects each for itself, arrays and other values as a whole. */
export type TreeChange =
  | { readonly type: "added"; readonly path: readonly string[]; readonly after: unknown }
  | { readonly type: "changed"; readonly path: readonly string[]; readonly before: unknown; readonly after: unknown }
  | { readonly type: "removed"; readonly path: readonly string[]; readonly before: unknown };

/** Sorted by key. */
export function changesBetween(before: unknown, after: unknown, path: readonly string[] = []): TreeChange[] {
  if (!isObject(before) || !isObject(after)) {
    return isDeepStrictEqual(before, after) ? [] : [{ type: "changed", path, before, after }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key): TreeChange[] => {
    const inner = [...path, key];
    if (!Object.hasOwn(before, key)) return leaves(after[key], inner).map(added);
    if (!Object.hasOwn(after, key)) return leaves(before[key], inner).map(removed);
    return changesBetween(before[key], after[key], inner);
  });
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function leaves(value: unknown, path: readonly string[]): Leaf[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.keys(value)
    .sort()
    .flatMap((key) => leaves(value[key], [...path, key]));
}

function added({ path, value }: Leaf): TreeChange {
  return { type: "added", path, after: value };
}

function removed({ path, value }: Leaf): TreeChange {
  return { type: "removed", path, before: value };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && isPlain(value);
}
