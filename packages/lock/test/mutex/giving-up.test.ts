import { beforeEach, describe, expect, it, vi } from "vitest";
import { listenersOf } from "../../../core/test/support/listeners.ts";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import type { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { acquired, type Contender, mutexOf, released, serveAll } from "../support/contender.ts";
import { withThreeContenders } from "../support/three-contenders.ts";

let tree: ZnodeTree;
let a: Contender;
let b: Contender;
let c: Contender;

withThreeContenders((three) => {
  tree = three.tree;
  [a, b, c] = three.contenders;
});

describe("an acquire that is given up", () => {
  beforeEach(() => void tree.create("/l"));

  it("names the lock, its time or the signal's reason", async () => {
    const lease = await acquired(a);
    const timedOut = rejection(mutexOf(b).acquire({ timeoutMs: 50 }));
    await serveAll(b);
    await vi.advanceTimersByTimeAsync(50);
    expect(await timedOut).toMatchObject({ code: "TIMEOUT", op: "acquire", path: "/l" });
    const aborted = rejection(mutexOf(b).acquire({ signal: AbortSignal.abort("enough") }));
    expect(await aborted).toMatchObject({ code: "ABORTED", op: "acquire", path: "/l", cause: "enough" });
    await serveAll(b);
    expect(tree.children("/l")).toHaveLength(1);
    expect(tree.watched).toEqual([]);
    await released(a, lease);
  });

  /** How many requests a full wait takes, and a few more. */
  const steps = Array.from({ length: 12 }, (_, step) => step);

  it.each(steps)("after %i requests were served leaves no znode, no watch, no listener", async (step) => {
    const [first, second] = [await acquired(a), watched(mutexOf(b).acquire())];
    await serveAll(b);
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const waiting = watched(mutexOf(c).acquire({ signal: controller.signal }));
    for (let served = 0; served < step; served++) {
      // Somewhere on the way those before it leave, so that listing again and winning are steps too.
      if (served === 4) await Promise.all([released(a, first), serveAll(b)]);
      if (served === 6) await released(b, await second.promise);
      await c.session.serve(1);
    }
    controller.abort();
    await serveAll(c);
    if (waiting.state === "done") await released(c, await waiting.promise);
    else expect(await rejection(waiting.promise)).toMatchObject({ code: "ABORTED" });
    if (!first.signal.aborted) await released(a, first);
    await serveAll(b, c);
    if (second.state === "done") await released(b, await second.promise);
    await serveAll(b, c);
    expect(tree.children("/l")).toEqual([]);
    expect(tree.watched).toEqual([]);
    expect(listeners.count).toBe(0);
  });

  it("in the very turn it is won is either handed out or given back", async () => {
    const ends = new Set<string>();
    for (let delay = 0; delay < 40; delay++) {
      const lease = await acquired(a);
      const [holder] = tree.children("/l");
      const controller = new AbortController();
      const waiting = watched(mutexOf(b).acquire({ signal: controller.signal }));
      await serveAll(b);
      tree.delete(`/l/${holder}`);
      for (let turn = 0; turn < delay; turn++) await Promise.resolve();
      controller.abort();
      await serveAll(b);
      ends.add(waiting.state);
      if (waiting.state === "done") await released(b, await waiting.promise);
      expect(tree.children("/l")).toEqual([]);
      await released(a, lease);
    }
    expect(ends).toEqual(new Set(["done", "failed"]));
  });

  it("is given up at once, whatever its session does; the znode goes when the server is back", async () => {
    const lease = await acquired(a);
    const controller = new AbortController();
    const waiting = rejection(mutexOf(b).acquire({ signal: controller.signal }));
    await serveAll(b);
    await b.session.disconnect();
    controller.abort();
    await waiting;
    expect(tree.children("/l")).toHaveLength(2);
    await b.session.connect();
    await vi.advanceTimersByTimeAsync(200);
    await serveAll(b);
    expect(tree.children("/l")).toHaveLength(1);
    await released(a, lease);
  });

  it("whose create's answer is lost leaves no znode either", async () => {
    const controller = new AbortController();
    const waiting = rejection(mutexOf(a).acquire({ signal: controller.signal }));
    await turns();
    controller.abort();
    await waiting;
    await a.session.loseAnswers();
    expect(tree.children("/l")).toHaveLength(1);
    await a.session.connect();
    await vi.advanceTimersByTimeAsync(200);
    await serveAll(a);
    expect(tree.children("/l")).toEqual([]);
  });
});
