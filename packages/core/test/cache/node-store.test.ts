import { beforeEach, describe, expect, it } from "vitest";
import { NodeStore } from "../../src/cache/node-store.ts";
import { cached } from "./support.ts";

let seen: string[];
let store: NodeStore;

beforeEach(() => {
  seen = [];
  store = new NodeStore(({ type, path }) => seen.push(`${type} ${path}`));
});

describe("put", () => {
  it.each([
    ["the same state", cached("/a", 5, 7), false, true],
    ["a newer state", cached("/a", 5, 8), true, true],
    ["an older state", cached("/a", 5, 6), false, false],
    ["a later znode of the same path", cached("/a", 9, 9), true, true],
    ["an earlier znode of the same path", cached("/a", 3, 8), false, false],
  ])("of %s", (_, next, isTold, isKept) => {
    const first = cached("/a", 5, 7);
    store.put(first);
    seen = [];
    store.put(next);
    expect(seen).toEqual(isTold ? ["updated /a"] : []);
    expect(store.get("/a")).toBe(isKept ? next : first);
  });

  it("enters the name with the parent", () => {
    for (const path of ["/", "/a", "/a/b", "/a/c"]) store.put(cached(path));
    store.put(cached("/a/c", 2));
    expect(store.names("/")).toEqual(["a"]);
    expect(store.names("/a")).toEqual(["b", "c"]);
    expect(store.names("/a/b")).toEqual([]);
    expect(store.size).toBe(4);
  });
});

describe("remove", () => {
  it("takes everything below with it, deepest first", () => {
    for (const path of ["/a", "/a/b", "/a/b/c", "/ab"]) store.put(cached(path));
    seen = [];
    store.remove("/a");
    store.remove("/a");
    expect(seen).toEqual(["removed /a/b/c", "removed /a/b", "removed /a"]);
    expect([...store.entries()].map(([path]) => path)).toEqual(["/ab"]);
    expect(store.names("/a/b")).toEqual([]);
  });

  it("takes what is below a znode that is not held", () => {
    store.put(cached("/a/b"));
    store.remove("/a");
    expect(store.size).toBe(0);
  });
});
