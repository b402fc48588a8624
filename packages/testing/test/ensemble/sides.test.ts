import { expect, test } from "vitest";
import { planEnsemble } from "../../src/ensemble/options.ts";
import { losingSide } from "../../src/ensemble/sides.ts";

test.each([
  { nodes: 3, observers: 0, ids: [1], loses: [1] },
  { nodes: 3, observers: 0, ids: [2, 3], loses: [1] },
  { nodes: 3, observers: 0, ids: [1, 2, 3], loses: [] },
  { nodes: 5, observers: 0, ids: [1, 2], loses: [1, 2] },
  { nodes: 4, observers: 0, ids: [1, 2], loses: [1, 2] },
  { nodes: 3, observers: 2, ids: [1, 4, 5], loses: [1, 4, 5] },
  { nodes: 3, observers: 2, ids: [1, 2], loses: [3, 4, 5] },
])("of $nodes voters and $observers observers, $ids cut off: $loses lose", ({ nodes, observers, ids, loses }) => {
  const { members } = planEnsemble({ nodes, observers });
  expect([...losingSide(members, new Set(ids))]).toEqual(loses);
});
