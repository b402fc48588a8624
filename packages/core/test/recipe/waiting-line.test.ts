import { describe, expect, it } from "vitest";
import { inOrder, Listing, type WaitingLine } from "../../src/recipe/waiting-line.ts";

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

describe("a line of several kinds", () => {
  const readers: WaitingLine = {
    directory: "/rw",
    marker: "__READ__",
    others: ["__WRIT__"],
    blocker: (ahead) => ahead.findLast(({ marker }) => marker === "__WRIT__"),
  };
  const writers: WaitingLine = { directory: "/rw", marker: "__WRIT__", others: ["__READ__"] };
  const name = (kind: "R" | "W", number: number | string): string =>
    `_c_x-${kind === "R" ? "__READ__" : "__WRIT__"}${String(number).padStart(10, "0")}`;
  const listed = [name("R", 5), name("W", 2), name("R", 1), name("W", 4), name("R", 3), "config"];

  it("is one line, and tells who is of which kind", () => {
    expect(inOrder(listed, "__READ__", "__WRIT__").map(({ marker, sequence }) => marker + sequence)).toEqual([
      "__READ__1",
      "__WRIT__2",
      "__READ__3",
      "__WRIT__4",
      "__READ__5",
    ]);
    expect(inOrder(listed, "__READ__")).toHaveLength(3);
  });

  it("blocks each by whom its kind waits for", () => {
    const standing = (line: WaitingLine, who: string): unknown => new Listing(listed).standingOf(who, line);
    expect(standing(readers, name("R", 1))).toEqual({ kind: "first" });
    expect(standing(writers, name("W", 2))).toEqual({ kind: "blocked", blocker: name("R", 1), isLast: true });
    expect(standing(readers, name("R", 3))).toEqual({ kind: "blocked", blocker: name("W", 2), isLast: true });
    expect(standing(writers, name("W", 4))).toEqual({ kind: "blocked", blocker: name("R", 3), isLast: false });
    expect(standing(readers, name("R", 5))).toEqual({ kind: "blocked", blocker: name("W", 4), isLast: false });
    expect(standing(readers, name("R", 6))).toEqual({ kind: "missing" });
  });

  it("never takes a blocker for the last one where places are handed on", () => {
    const line = { ...writers, handsPlacesOn: true };
    expect(new Listing(listed).standingOf(name("W", 2), line)).toMatchObject({ kind: "blocked", isLast: false });
  });

  it("puts Curator's downgraded reader right behind the writer whose number it bears", () => {
    const behind = name("R", "00000000020000000006");
    const all = [...listed, behind, name("R", "00000000020000000010")];
    expect(inOrder(all, "__READ__", "__WRIT__").map((contender) => contender.name)).toEqual([
      name("R", 1),
      name("W", 2),
      behind,
      name("R", "00000000020000000010"),
      name("R", 3),
      name("W", 4),
      name("R", 5),
    ]);
  });
});
