import { expect, test } from "vitest";
import type { Reading } from "../../src/schema/format.ts";
import type { ConfigIssue } from "../../src/schema/issue.ts";
import { changesBetween } from "../../src/tree/changes.ts";
import { isConfig, layerValue } from "../../src/tree/layer.ts";
import { merged } from "../../src/tree/merge.ts";

function layer(root: string, data: Record<string, string | null>): { value: unknown; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  const stat = { czxid: 1n, mzxid: 1n, version: 0, mtime: 0n };
  const read = (text: string | null): Reading<unknown> => {
    if (text === null || text === "") return { kind: "missing" };
    if (text === "!") return { kind: "invalid", reason: "undecodable", issues: [{ message: "is bad", path: [] }] };
    return { kind: "value", value: JSON.parse(text) as unknown };
  };
  const nodes = Object.entries(data).map(
    ([path, text]) =>
      [path, { node: { path, data: text === null ? null : Buffer.from(text), stat }, data: read(text) }] as const,
  );
  return { value: layerValue(root, new Map(nodes), issues), issues };
}

test.each<[string, string, Record<string, string | null>, unknown]>([
  ["leaves", "/c", { "/c": null, "/c/a": "1", "/c/b": '"x"' }, { a: 1, b: "x" }],
  ["nesting", "/c", { "/c": null, "/c/a": null, "/c/a/b": null, "/c/a/b/d": "[1]" }, { a: { b: { d: [1] } } }],
  ["data under children", "/c", { "/c": '{"x": 1, "a": 5}', "/c/a": "2" }, { x: 1, a: 2 }],
  ["empty directories", "/c", { "/c": null, "/c/a": null, "/c/b": "" }, {}],
  ["a root of the tree", "/", { "/": null, "/a": "1" }, { a: 1 }],
  ["nothing", "/c", {}, undefined],
])("a layer: %s", (_, root, data, value) => {
  // A root that is there but empty is an empty object once anything is below it.
  const result = layer(root, data);
  expect(result.value ?? {}).toEqual(value ?? {});
  expect(result.issues).toEqual([]);
});

test.each<[string, Record<string, string | null>, ConfigIssue]>([
  [
    "data and children",
    { "/c": null, "/c/a": "5", "/c/a/b": "1" },
    { path: ["a"], message: "has data that is no object, and children" },
  ],
  ["undecodable", { "/c": null, "/c/a": null, "/c/a/b": "!" }, { path: ["a", "b"], message: "is bad" }],
  ["no object", { "/c": "[1]" }, { path: [], message: "is no object" }],
])("an issue of a layer: %s", (_, data, issue) => {
  expect(layer("/c", data).issues).toEqual([issue]);
});

test("a znode named __proto__ is a key", () => {
  const { value } = layer("/c", { "/c": null, "/c/__proto__": null, "/c/__proto__/polluted": "true" });
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  const over = merged([{ a: 1 }, value]) as object;
  expect(Object.keys(over)).toEqual(["a", "__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("layers go over one another key by key; lists and texts as a whole", () => {
  expect(
    merged([undefined, { a: { x: 1, y: 1 }, l: [1, 2], s: { t: 1 } }, undefined, { a: { y: 2 }, l: [3], s: 5 }]),
  ).toEqual({
    a: { x: 1, y: 2 },
    l: [3],
    s: 5,
  });
});

test("histories and ZooKeeper's own znodes are left out", () => {
  expect(["/c", "/c/a", "/c/.history/a", "/c/b/.history", "/c/a.history"].map((path) => isConfig("/c", path))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
  expect(["/zookeeper/config", "/a/zookeeper"].map((path) => isConfig("/", path))).toEqual([false, true]);
});

test("changes are told key by key", () => {
  const before = { same: 1, changed: { a: 1, b: [1] }, gone: { x: 1, y: 2 }, kind: { z: 1 } };
  const after = { same: 1, changed: { a: 2, b: [1] }, added: { n: { m: 1 }, o: {} }, kind: 5 };
  expect(changesBetween(before, after)).toEqual([
    { type: "added", path: ["added", "n", "m"], after: 1 },
    { type: "added", path: ["added", "o"], after: {} },
    { type: "changed", path: ["changed", "a"], before: 1, after: 2 },
    { type: "removed", path: ["gone", "x"], before: 1 },
    { type: "removed", path: ["gone", "y"], before: 2 },
    { type: "changed", path: ["kind"], before: { z: 1 }, after: 5 },
  ]);
  expect(changesBetween(before, structuredClone(before))).toEqual([]);
});
