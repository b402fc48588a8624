import type { CacheChange, CachedNode } from "@quorate/core";
import { describe, expect, it } from "vitest";
import { Entries, type InvalidEntry } from "../../src/discovery/entries.ts";
import type { InstanceFilter } from "../../src/discovery/filter.ts";
import { changesOf } from "../../src/discovery/service-change.ts";
import { encodeInstance } from "../../src/entry/encode.ts";
import { instance } from "../support/instances.ts";

const path = "/services/orders/1";

function node(data: string, { czxid = 1n, mzxid = 1n } = {}): CachedNode {
  return { path, data: Buffer.from(data), stat: { czxid, mzxid } as CachedNode["stat"] };
}

function entries(filter?: InstanceFilter, told: InvalidEntry[] = []): Entries<unknown> {
  return new Entries({ schema: undefined, filter, onInvalid: (entry) => told.push(entry) });
}

function wordsOf(change: CacheChange, filter?: InstanceFilter): string[] {
  const known = entries(filter);
  return changesOf(change, (each) => known.of(each)).map((found) =>
    found.type === "snapshot" ? found.type : `${found.type} ${found.instance.port}`,
  );
}

const at = (port: number): string => encodeInstance(instance("1", { port }));
const [one, two, broken] = [node(at(1)), node(at(2), { mzxid: 2n }), node("{", { mzxid: 3n })];

describe("a change", () => {
  it("tells of the instance what the znode tells", () => {
    expect(wordsOf({ type: "added", path, node: one })).toEqual(["added 1"]);
    expect(wordsOf({ type: "updated", path, node: two, before: one })).toEqual(["updated 2"]);
    expect(wordsOf({ type: "removed", path, node: two })).toEqual(["removed 2"]);
  });

  it("written again as it was is none", () => {
    expect(wordsOf({ type: "updated", path, node: node(at(1), { mzxid: 2n }), before: one })).toEqual([]);
  });

  it("made anew unseen, be it the same: removed, added", () => {
    const anew = node(at(1), { czxid: 2n, mzxid: 2n });
    expect(wordsOf({ type: "updated", path, node: anew, before: one })).toEqual(["removed 1", "added 1"]);
  });

  it("to and from what cannot be understood, or is not wanted", () => {
    expect(wordsOf({ type: "added", path, node: broken })).toEqual([]);
    expect(wordsOf({ type: "updated", path, node: broken, before: one })).toEqual(["removed 1"]);
    expect(wordsOf({ type: "updated", path, node: one, before: broken })).toEqual(["added 1"]);
    expect(wordsOf({ type: "removed", path, node: broken })).toEqual([]);
    const filter: InstanceFilter = ({ port }) => port === 2;
    expect(wordsOf({ type: "added", path, node: one }, filter)).toEqual([]);
    expect(wordsOf({ type: "updated", path, node: two, before: one }, filter)).toEqual(["added 2"]);
  });
});

describe("entries", () => {
  it("are read once for each state, and told once if they cannot be understood", () => {
    const told: InvalidEntry[] = [];
    let asked = 0;
    const known = entries(() => ++asked > 0, told);
    for (let i = 0; i < 3; i++) for (const each of [one, broken]) known.of(each);
    expect([asked, told.map((entry) => entry.path)]).toEqual([1, [path]]);
    expect(known.of(one)).toBe(known.of(one));
  });

  it("on which the filter fails are passed over", () => {
    const told: InvalidEntry[] = [];
    const filter = (): boolean => {
      throw new Error("broken filter");
    };
    expect(entries(filter, told).of(one).kind).toBe("invalid");
    expect(told[0]?.error).toMatchObject({ code: "INVALID_ENTRY", cause: { message: "broken filter" } });
  });
});
