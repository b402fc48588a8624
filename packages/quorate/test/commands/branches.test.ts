import { expect, test } from "vitest";
import { branchesOf } from "../../src/commands/tree.ts";

test("a bar goes on down to the last sibling, and no farther", () => {
  expect(branchesOf([0, 1, 2, 3, 2, 1, 2])).toEqual([
    "",
    "├── ",
    "│   ├── ",
    "│   │   └── ",
    "│   └── ",
    "└── ",
    "    └── ",
  ]);
  expect(branchesOf([0, 1, 2, 3])).toEqual(["", "└── ", "    └── ", "        └── "]);
  expect(branchesOf([])).toEqual([]);
});
