import type { Lease } from "@quorate/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { acquired, Contender, mutexOf, released, serveAll } from "../support/contender.ts";

let tree: ZnodeTree;
let a: Contender;
let b: Contender;

beforeEach(async () => {
  vi.useFakeTimers();
  tree = new ZnodeTree();
  [a, b] = [await Contender.connect(tree), await Contender.connect(tree)];
});

afterEach(async () => {
  for (const { client } of [a, b]) await client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("tryAcquire()", () => {
  beforeEach(() => void tree.create("/l"));

  it("takes a free lock", async () => {
    const trying = mutexOf(a).tryAcquire();
    await serveAll(a);
    const lease = await trying;
    lease?.assertHeld();
    expect(lease).toBeDefined();
    await released(a, lease as Lease);
  });

  it("is undefined for a taken one, and leaves no contender", async () => {
    const lease = await acquired(a);
    const trying = mutexOf(b).tryAcquire();
    await serveAll(b);
    expect(await trying).toBeUndefined();
    expect(tree.children("/l")).toHaveLength(1);
    expect(tree.watched).toEqual([]);
    await released(a, lease);
  });

  it.each([0, 1, 2, 3])("given up after %i requests leaves no contender", async (step) => {
    const lease = step % 2 === 0 ? await acquired(a) : undefined;
    const trying = watched(mutexOf(b).tryAcquire({ timeoutMs: 10 }));
    await turns();
    for (let served = 0; served < step; served++) await b.session.serve(1);
    await vi.advanceTimersByTimeAsync(10);
    await serveAll(b);
    if (trying.state === "failed") expect(await rejection(trying.promise)).toMatchObject({ op: "tryAcquire" });
    else if (lease === undefined) await released(b, (await trying.promise) as Lease);
    expect(tree.children("/l")).toHaveLength(lease === undefined ? 0 : 1);
    if (lease !== undefined) await released(a, lease);
  });
});

describe("run()", () => {
  beforeEach(() => void tree.create("/l"));

  it("holds the lock for the body, gives it back, and passes the result on", async () => {
    const running = mutexOf(a).run(async (lease) => {
      lease.assertHeld();
      expect(tree.children("/l")).toHaveLength(1);
      return "result";
    });
    await serveAll(a);
    expect(await running).toBe("result");
    expect(tree.children("/l")).toEqual([]);
  });

  it("passes the body's error on, also when giving back is refused", async () => {
    const running = rejection(
      mutexOf(a).run(() => {
        throw new Error("the body's");
      }),
    );
    await a.session.serve(2);
    await a.session.refuse(-102);
    expect((await running).message).toBe("the body's");
  });

  it("waits for a body that lost the lock, tells it by the signal, and rejects then", async () => {
    let finish: () => void = () => {};
    const heard: unknown[] = [];
    const running = watched(
      mutexOf(a).run(async (lease) => {
        lease.signal.addEventListener("abort", () => heard.push(lease.signal.reason));
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }),
    );
    await serveAll(a);
    await a.loseSession();
    expect(heard).toMatchObject([{ code: "LEASE_LOST", reason: "session-ended" }]);
    expect(running.state).toBe("pending");
    finish();
    expect(await rejection(running.promise)).toBe(heard[0]);
  });

  it("never starts a body that did not get the lock", async () => {
    const lease = await acquired(a);
    const body = vi.fn();
    const running = rejection(mutexOf(b).run(body, { timeoutMs: 5 }));
    await serveAll(b);
    await vi.advanceTimersByTimeAsync(5);
    await serveAll(b);
    expect(await running).toMatchObject({ code: "TIMEOUT" });
    expect(body).not.toHaveBeenCalled();
    await released(a, lease);
  });
});
