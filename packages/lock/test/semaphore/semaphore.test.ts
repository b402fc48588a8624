import type { Lease } from "@quorate/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { Semaphore } from "../../src/semaphore/semaphore.ts";
import { Contender, released, serveAll } from "../support/contender.ts";

let tree: ZnodeTree;
let a: Contender;
let b: Contender;

beforeEach(async () => {
  vi.useFakeTimers();
  tree = new ZnodeTree();
  [a, b] = [await Contender.connect(tree), await Contender.connect(tree)];
  for (const path of ["/s", "/s/locks", "/s/leases"]) tree.create(path);
});

afterEach(async () => {
  for (const { client } of [a, b]) await client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const semaphoreOf = ({ client }: Contender): Semaphore => new Semaphore(client, "/s", { limit: 3 });

async function acquired(contender: Contender, permits: number): Promise<Lease> {
  const acquiring = semaphoreOf(contender).acquire({ permits });
  await serveAll(contender);
  return acquiring;
}

describe("a semaphore", () => {
  it("looks at the line and the permits in one write, takes and counts in the next, and waits for no third", async () => {
    const acquiring = watched(semaphoreOf(a).acquire({ permits: 2 }));
    await turns();
    expect(a.session.open.map(({ operation }) => operation.op)).toEqual(["create2", "getChildren", "getChildren"]);
    await a.session.serve(3);
    expect(a.session.open.map(({ operation }) => operation.op)).toEqual(["create2", "create2", "getChildren"]);
    await a.session.serve(3);
    expect(acquiring.state).toBe("done");
    expect(a.session.open.map(({ operation }) => operation.op)).toEqual(["delete"]);
    await serveAll(a);
    expect([tree.children("/s/locks"), tree.children("/s/leases").length]).toEqual([[], 2]);
    await released(a, await acquiring.promise);
    expect(tree.children("/s/leases")).toEqual([]);
  });

  it("takes nothing of what is there only in part", async () => {
    const lease = await acquired(a, 2);
    const trying = watched(semaphoreOf(b).tryAcquire({ permits: 2 }));
    await serveAll(b);
    expect(await trying.promise).toBeUndefined();
    expect(b.session.log.some((entry) => entry.includes("leases/"))).toBe(false);
    expect(tree.children("/s/locks")).toEqual([]);
    await released(a, lease);
  });

  it("gives back what it took if there were others at the head of the line, and the limit is passed", async () => {
    const trying = watched(semaphoreOf(a).tryAcquire({ permits: 2 }));
    await a.session.serve(3);
    for (let other = 0; other < 2; other++) tree.create(`/s/leases/_c_x-lease-${other}`);
    await serveAll(a);
    expect(await trying.promise).toBeUndefined();
    expect(tree.children("/s/leases")).toEqual(["_c_x-lease-0", "_c_x-lease-1"]);
    expect(tree.children("/s/locks")).toEqual([]);
  });

  it("gives back what it took if one permit is refused, and says why", async () => {
    const failing = rejection(semaphoreOf(a).acquire({ permits: 2 }));
    await a.session.serve(4);
    await a.session.refuse(-102);
    await serveAll(a);
    expect(await failing).toMatchObject({ code: "NO_AUTH" });
    expect([...tree.children("/s/leases"), ...tree.children("/s/locks")]).toEqual([]);
  });

  const steps = Array.from({ length: 9 }, (_, step) => step);

  it.each(steps)("given up after %i requests were served leaves nothing", async (step) => {
    const controller = new AbortController();
    const acquiring = watched(semaphoreOf(a).acquire({ permits: 2, signal: controller.signal }));
    await turns();
    for (let served = 0; served < step; served++) await a.session.serve(1);
    controller.abort();
    await serveAll(a);
    if (acquiring.state === "done") await released(a, await acquiring.promise);
    else expect(await rejection(acquiring.promise)).toMatchObject({ code: "ABORTED", path: "/s" });
    expect([...tree.children("/s/leases"), ...tree.children("/s/locks")]).toEqual([]);
    expect(tree.watched).toEqual([]);
  });
});
