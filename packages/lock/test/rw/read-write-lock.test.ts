import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { turns, watched } from "../../../core/test/support/turns.ts";
import { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { ReadWriteLock } from "../../src/rw/read-write-lock.ts";
import { Contender, released, serveAll } from "../support/contender.ts";

let tree: ZnodeTree;
let contenders: Contender[];

beforeEach(async () => {
  vi.useFakeTimers();
  tree = new ZnodeTree();
  tree.create("/l");
  contenders = [];
  for (let count = 0; count < 5; count++) contenders.push(await Contender.connect(tree));
});

afterEach(async () => {
  for (const { client } of contenders) await client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const at = (index: number): Contender => contenders[index] as Contender;
const lockOf = (index: number): ReadWriteLock => new ReadWriteLock(at(index).client, "/l");

describe("a read-write lock", () => {
  it.each(["read", "write"] as const)(
    "costs one round trip to %s while it is free, and one to release",
    async (side) => {
      const acquiring = watched(lockOf(0)[side].acquire());
      await turns();
      expect(at(0).session.open.map(({ operation }) => operation.op)).toEqual(["create2", "getChildren"]);
      await at(0).session.serve(2);
      expect(acquiring.state).toBe("done");
      await released(at(0), await acquiring.promise);
      expect(at(0).session.log).toHaveLength(3);
    },
  );

  it("watches whoever blocks and nobody else; the going of a writer between readers asks them to look again", async () => {
    const reading = lockOf(0).read.acquire();
    await serveAll(at(0));
    const reader = await reading;
    const controller = new AbortController();
    const writing = watched(lockOf(1).write.acquire({ signal: controller.signal }));
    await serveAll(at(1));
    const late = [2, 3].map((index) => watched(lockOf(index).read.acquire()));
    await serveAll(at(2), at(3));
    const last = watched(lockOf(4).write.acquire());
    await serveAll(at(4));
    const [r1, w1, r2, r3, w2] = tree.children("/l").sort((x, y) => Number(x.slice(-10)) - Number(y.slice(-10)));
    // A holder watches its znode only after a while.
    expect(tree.watched.sort()).toEqual([r1, w1, r2, r3, w2].map((name) => `/l/${name}`).sort());
    for (const index of [2, 3, 4]) at(index).session.takeLog();
    controller.abort();
    await serveAll(at(1), at(2), at(3), at(4));
    expect([writing.state, late[0]?.state, late[1]?.state, last.state]).toEqual(["failed", "done", "done", "pending"]);
    expect(at(4).session.log).toEqual([]);
    expect([2, 3].map((index) => at(index).session.log)).toEqual([["getChildren /l"], ["getChildren /l"]]);
    for (const [index, { promise }] of late.entries()) await released(at(index + 2), await promise);
    await serveAll(at(4));
    expect(last.state).toBe("pending");
    await released(at(0), reader);
    await serveAll(at(4));
    await released(at(4), await last.promise);
    expect([tree.children("/l"), tree.watched]).toEqual([[], []]);
  });

  it("lets nobody in between when a writer becomes a reader", async () => {
    const writing = lockOf(0).write.acquire();
    await serveAll(at(0));
    const writer = await writing;
    const next = watched(lockOf(1).write.acquire());
    await serveAll(at(1));
    const downgrading = writer.downgrade();
    await serveAll(at(0));
    await serveAll(at(1));
    const reader = await downgrading;
    expect([next.state, reader.fencingToken]).toEqual(["pending", writer.fencingToken]);
    await released(at(0), reader);
    await serveAll(at(1));
    await released(at(1), await next.promise);
  });
});
