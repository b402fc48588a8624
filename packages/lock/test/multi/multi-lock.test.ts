import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listenersOf } from "../../../core/test/support/listeners.ts";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { MultiLock } from "../../src/multi/multi-lock.ts";
import { Mutex } from "../../src/mutex/mutex.ts";
import { Contender, released, serveAll } from "../support/contender.ts";

let tree: ZnodeTree;
let a: Contender;
let b: Contender;

beforeEach(async () => {
  vi.useFakeTimers();
  tree = new ZnodeTree();
  [a, b] = [await Contender.connect(tree), await Contender.connect(tree)];
  for (const path of ["/x", "/y"]) tree.create(path);
});

afterEach(async () => {
  for (const { client } of [a, b]) await client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const standing = (): number[] => ["/x", "/y"].map((path) => tree.children(path).length);

describe("a multi-lock", () => {
  it("takes one after the other, by path", async () => {
    const acquiring = new MultiLock(a.client, ["/y", "/x"]).acquire();
    await a.session.serve(2);
    expect([standing(), a.session.log.map((entry) => entry.split("/_c_")[0])]).toEqual([
      [1, 0],
      ["create2 /x", "getChildren /x", "create2 /y", "getChildren /y"],
    ]);
    await serveAll(a);
    const lease = await acquiring;
    expect([...lease.fencingTokens.keys()]).toEqual(["/x", "/y"]);
    await released(a, lease);
    expect(standing()).toEqual([0, 0]);
  });

  it("keeps the first error though giving back fails as well", async () => {
    const failing = rejection(new MultiLock(a.client, ["/x", "/y"]).acquire());
    await a.session.serve(2);
    await a.session.refuse(-102);
    await a.session.serve(1);
    await a.session.refuse(-8);
    await serveAll(a);
    expect(await failing).toMatchObject({ code: "NO_AUTH" });
  });

  const steps = Array.from({ length: 12 }, (_, step) => step);

  it.each(steps)("given up after %i requests were served leaves no znode, no watch, no listener", async (step) => {
    const holding = new Mutex(b.client, "/y").acquire();
    await serveAll(b);
    const held = await holding;
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const acquiring = watched(new MultiLock(a.client, ["/x", "/y"]).acquire({ signal: controller.signal }));
    await turns();
    for (let served = 0; served < step; served++) {
      if (served === 6) await released(b, held);
      await a.session.serve(1);
    }
    controller.abort();
    await serveAll(a);
    if (acquiring.state === "done") await released(a, await acquiring.promise);
    else expect(await rejection(acquiring.promise)).toMatchObject({ code: "ABORTED" });
    await released(b, held);
    expect([standing(), tree.watched, listeners.count]).toEqual([[0, 0], [], 0]);
  });

  it("is lost once with the session, and told so by its first lock", async () => {
    const acquiring = new MultiLock(a.client, ["/x", "/y"]).acquire();
    await serveAll(a);
    const lease = await acquiring;
    await a.loseSession();
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "session-ended" });
    expect(lease.validUntil).toBeLessThanOrEqual(performance.now());
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ reason: "session-ended" }));
    await released(a, lease);
  });
});
