import { expect, it } from "vitest";
import { changesBetween } from "../../src/watch/stat-changes.ts";
import { stat } from "./fake-link.ts";

const old = stat({ czxid: 1, mzxid: 5, pzxid: 6 });

it.each([
  ["data", undefined, undefined, []],
  ["data", old, old, []],
  ["data", undefined, old, ["created 1"]],
  ["data", old, undefined, ["deleted -1"]],
  ["data", old, stat({ czxid: 1, mzxid: 9, pzxid: 9 }), ["dataChanged 9"]],
  ["data", old, stat({ czxid: 1, mzxid: 5, pzxid: 9 }), []],
  ["data", old, stat({ czxid: 8, mzxid: 9 }), ["deleted -1", "created 8"]],
  ["children", undefined, undefined, []],
  ["children", undefined, stat({ czxid: 1 }), ["created 1"]],
  ["children", undefined, old, ["created 1", "childrenChanged 6"]],
  ["children", old, undefined, ["deleted -1"]],
  ["children", old, stat({ czxid: 1, mzxid: 9, pzxid: 6 }), []],
  ["children", old, stat({ czxid: 1, mzxid: 5, pzxid: 9 }), ["childrenChanged 9"]],
  ["children", old, stat({ czxid: 8, pzxid: 9 }), ["deleted -1", "created 8", "childrenChanged 9"]],
] as const)("%s from %o to %o", (about, before, after, expected) => {
  expect(changesBetween(about, before, after).map(({ type, zxid }) => `${type} ${zxid}`)).toEqual(expected);
});
