import type { CachedNode } from "@quorate/core";
import { expect, it } from "vitest";
import { stat } from "../../../core/test/support/stat.ts";
import { eventsOf } from "../../src/group/group-events.ts";

function node(czxid: number, data: string | null): CachedNode {
  return { path: "/g/a", data: data === null ? null : Buffer.from(data), stat: stat({ czxid }) };
}

function words(change: Parameters<typeof eventsOf>[0]): string[] {
  return eventsOf(change).map((event) => {
    const { member } = event as Extract<typeof event, { member: unknown }>;
    const data = member.data === null ? "-" : Buffer.from(member.data).toString();
    return `${event.type} ${member.id} ${member.stat.czxid} ${data}`;
  });
}

const path = "/g/a";

it("tells who joined and who left, with what they last had", () => {
  expect(words({ type: "added", path, node: node(1, "x") })).toEqual(["joined a 1 x"]);
  expect(words({ type: "removed", path, node: node(1, null) })).toEqual(["left a 1 -"]);
});

it("tells changed data, and nothing of the same written again", () => {
  expect(words({ type: "updated", path, node: node(1, "y"), before: node(1, "x") })).toEqual(["updated a 1 y"]);
  expect(words({ type: "updated", path, node: node(1, null), before: node(1, "x") })).toEqual(["updated a 1 -"]);
  expect(words({ type: "updated", path, node: node(1, "x"), before: node(1, "x") })).toEqual([]);
  expect(words({ type: "updated", path, node: node(1, null), before: node(1, null) })).toEqual([]);
});

it("tells another node under the same id as one who left and one who joined", () => {
  expect(words({ type: "updated", path, node: node(2, "x"), before: node(1, "x") })).toEqual([
    "left a 1 x",
    "joined a 2 x",
  ]);
});
