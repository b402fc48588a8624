import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CacheChange, type CachedNode, coalesce } from "../../src/cache/cached-node.ts";
import { NodeStore } from "../../src/cache/node-store.ts";
import { cached } from "./support.ts";

const [one, two, three] = [cached("/a", 1), cached("/a", 2), cached("/a", 3)];
const added = (node: CachedNode): CacheChange => ({ type: "added", path: node.path, node });
const updated = (before: CachedNode, node: CachedNode): CacheChange => ({
  type: "updated",
  path: node.path,
  node,
  before,
});
const removed = (node: CachedNode): CacheChange => ({ type: "removed", path: node.path, node });

describe("coalesce", () => {
  it.each([
    ["added, updated: added", [added(one), updated(one, two)], [added(two)]],
    ["added, removed: nothing", [added(one), removed(one)], []],
    ["updated, updated: updated from the first", [updated(one, two), updated(two, three)], [updated(one, three)]],
    ["updated, removed: removed", [updated(one, two), removed(two)], [removed(two)]],
    ["removed, added: updated", [removed(one), added(two)], [updated(one, two)]],
    ["removed, added, removed: removed", [removed(one), added(two), removed(two)], [removed(two)]],
    ["added, removed, added: added", [added(one), removed(one), added(two)], [added(two)]],
  ] as const)("%s", (_, changes, expected) => {
    expect(coalesce(changes)).toEqual(expected);
  });

  it("keeps parents around their children", () => {
    const child = cached("/a/b");
    expect(coalesce([updated(one, two), removed(child), removed(two)])).toEqual([removed(child), removed(two)]);
    expect(coalesce([added(one), added(child), updated(one, two)])).toEqual([added(two), added(child)]);
  });

  it("leads from the same state to the same state, with one change for a path, and parents around their children", () => {
    const paths = ["/a", "/a/b", "/a/b/c", "/d"];
    const step = fc.record({ path: fc.constantFrom(...paths), put: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 40 }), (before, after) => {
        let zxid = 0;
        let changes: CacheChange[] = [];
        const store = new NodeStore((change) => changes.push(change));
        const run = (steps: typeof before): void => {
          for (const { path, put } of steps) {
            const parent = path.slice(0, path.lastIndexOf("/"));
            if (!put) store.remove(path);
            else if (parent === "" || store.has(parent))
              store.put(cached(path, store.get(path) === undefined ? ++zxid : zxid, ++zxid));
          }
        };
        run(before);
        changes = [];
        const replica = new Map(store.entries());
        run(after);
        const merged = coalesce(changes);
        expect(new Set(merged.map(({ path }) => path)).size).toBe(merged.length);
        for (const change of merged) {
          const { type, path, node } = change;
          expect(replica.has(path)).toBe(type !== "added");
          if (type === "updated") expect(replica.get(path)).toBe(change.before);
          if (type === "removed") {
            expect([...replica.keys()].filter((other) => other.startsWith(`${path}/`))).toEqual([]);
            replica.delete(path);
            continue;
          }
          const parent = path.slice(0, path.lastIndexOf("/"));
          if (parent !== "") expect(replica.has(parent)).toBe(true);
          replica.set(path, node);
        }
        expect(replica).toEqual(new Map(store.entries()));
      }),
    );
  });
});
