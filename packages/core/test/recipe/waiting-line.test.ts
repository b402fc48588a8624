import { describe, expect, it } from "vitest";
import { inOrder } from "../../src/recipe/waiting-line.ts";

function names(listed: readonly string[]): string[] {
  return inOrder(listed, "lock-").map(({ name }) => name);
}

describe("a waiting line", () => {
  it("is ordered by the number behind the last lock-, not by name", () => {
    expect(names(["_c_z-lock-0000000001", "_c_a-lock-0000000010", "_c_m-lock-0000000002"])).toEqual([
      "_c_z-lock-0000000001",
      "_c_m-lock-0000000002",
      "_c_a-lock-0000000010",
    ]);
  });

  it("takes Curator's, kazoo's and Go's names that end so, and what was created without protection", () => {
    const all = ["lock-0000000003", "_c_lock-lock-0000000001", "_c_2d-lock-0000000002"];
    expect(inOrder(all, "lock-").map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it("knows contenders by the marker alone", () => {
    const all = ["_c_a-lock-0000000001", "_c_b-latch-0000000000", "_c_c-p5-latch-0000000002"];
    expect(inOrder(all, "latch-").map(({ name }) => name)).toEqual(all.slice(1));
  });

  it("leaves out what is no contender", () => {
    const foreign = [
      "config",
      "lock-",
      "lock-abc",
      "lock-1x",
      "_c_a-READ-0000000001",
      "leases",
      "",
      "lock--",
      "lock-1.5",
    ];
    expect(names([...foreign, "_c_a-lock-0000000001"])).toEqual(["_c_a-lock-0000000001"]);
    expect(names([])).toEqual([]);
  });

  it("goes on where the server's int32 counter wraps around", () => {
    const last = ["lock-2147483646", "lock-2147483647"];
    const wrapped = ["lock--2147483648", "lock--2147483647"];
    expect(names([...wrapped, ...last].toReversed())).toEqual([...last, ...wrapped]);
    expect(names(["lock-0000000000", "lock--0000000001", "lock-0000000001"])).toEqual([
      "lock--0000000001",
      "lock-0000000000",
      "lock-0000000001",
    ]);
  });
});
