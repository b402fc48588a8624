import { afterEach, beforeEach, expect, vi } from "vitest";
import { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { Contender } from "./contender.ts";

export interface ThreeContenders {
  readonly tree: ZnodeTree;
  readonly contenders: readonly [a: Contender, b: Contender, c: Contender];
}

/** Before each test of a file: fake time, and three clients of one tree, which leave no timer behind. */
export function withThreeContenders(arrange: (three: ThreeContenders) => void): void {
  let contenders: ThreeContenders["contenders"];

  beforeEach(async () => {
    vi.useFakeTimers();
    const tree = new ZnodeTree();
    contenders = [await Contender.connect(tree), await Contender.connect(tree), await Contender.connect(tree)];
    arrange({ tree, contenders });
  });

  afterEach(async () => {
    for (const { client } of contenders) await client.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
}
