import type { Client } from "@quorate/core";
import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FakeDriver } from "../../../core/test/support/fake-driver.ts";
import { openClient } from "../../../core/test/support/open-client.ts";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import { LeaderLatch } from "../../src/latch/leader-latch.ts";
import type { Term } from "../../src/latch/term.ts";

let client: Client;
let driver: FakeDriver;

beforeEach(async () => {
  vi.useFakeTimers();
  ({ client, driver } = await openClient());
  driver.tree.create("/l");
  driver.session.takeLog();
});

afterEach(async () => {
  const closing = client.close();
  await turns();
  await closing;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function latch(options: { readonly priority?: number; readonly onSuspended?: "abort" } = {}): LeaderLatch {
  return new LeaderLatch(client, "/l", { id: "a", ...options });
}

/** A candidate of somebody else's. */
function other(name: string): string {
  return driver.tree.create(`/l/${name}`, 3, 99n).path;
}

async function won(terms: AsyncIterator<Term, void>): Promise<Term> {
  const next = terms.next();
  await driver.session.serve();
  const { value } = await next;
  return value ?? expect.fail("no term");
}

async function settled<T>(promise: Promise<T>): Promise<T> {
  await driver.session.serve();
  return promise;
}

describe("winning", () => {
  it("a free latch takes one round trip, and a watch on the own node", async () => {
    const terms = latch().terms();
    const next = watched(terms.next());
    await turns();
    expect(driver.session.takeLog()).toEqual(["create2 /l/_c_uuid1-latch-", "getChildren /l"]);
    await driver.session.serve(2);
    expect(next.state).toBe("done");
    expect(driver.session.takeLog()).toEqual(["exists /l/_c_uuid1-latch-0000000000"]);
    await settled(terms.return?.() as Promise<unknown>);
    expect(driver.tree.children("/l")).toEqual([]);
  });

  it("behind the leader takes nothing but its deletion", async () => {
    const leader = other("latch-");
    const next = watched(latch().terms().next());
    await driver.session.serve();
    driver.session.takeLog();
    driver.tree.delete(leader);
    await turns();
    expect(next.state).toBe("done");
    expect(driver.session.takeLog()).toEqual([]);
  });

  it("where the one before went after the listing, before it was watched", async () => {
    const leader = other("latch-");
    const next = watched(latch().terms().next());
    await driver.session.serve(2);
    driver.tree.delete(leader);
    expect(next.state).toBe("pending");
    await driver.session.serve();
    expect(next.state).toBe("done");
  });

  it("is not: the one before in the line went, but an earlier one is there", async () => {
    const [leader, middle] = [other("latch-"), other("latch-")];
    const next = watched(latch().terms().next());
    await driver.session.serve();
    driver.tree.delete(middle);
    await driver.session.serve();
    expect(next.state).toBe("pending");
    driver.tree.delete(leader);
    await driver.session.serve();
    expect(next.state).toBe("done");
  });
});

describe("a refused create", () => {
  it("is tried again half a second later, by itself", async () => {
    const next = watched(latch().terms().next());
    await turns();
    await driver.session.refuse(ErrorCode.QUOTA_EXCEEDED);
    await driver.session.serve();
    expect(next.state).toBe("pending");
    expect(driver.tree.children("/l")).toEqual([]);
    await vi.advanceTimersByTimeAsync(499);
    expect(driver.session.open).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await driver.session.serve();
    expect(next.state).toBe("done");
  });

  it("that would be refused again ends the iteration", async () => {
    const next = rejection(latch().terms().next());
    await turns();
    await driver.session.refuse(ErrorCode.NO_AUTH);
    await driver.session.serve();
    expect(await next).toMatchObject({ code: "NO_AUTH" });
  });

  it("waits no longer than the iteration", async () => {
    const terms = latch().terms();
    const next = terms.next();
    await turns();
    await driver.session.refuse(ErrorCode.QUOTA_EXCEEDED);
    await driver.session.serve();
    await terms.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe("the end of a term", () => {
  it("its node deleted: the signal aborts, and the next term begins only when asked for", async () => {
    const terms = latch().terms();
    const term = await won(terms);
    await driver.session.serve();
    driver.tree.delete(`/l/${driver.tree.children("/l")[0]}`);
    await turns();
    expect(term.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted" });
    expect(driver.tree.children("/l")).toEqual([]);
    const order: string[] = [];
    term.signal.addEventListener("abort", () => order.push("late"));
    const second = await won(terms);
    expect(second.fencingToken).toBeGreaterThan(term.fencingToken);
    expect(order).toEqual([]);
  });

  it("by resign() aborts the signal before anything is sent", async () => {
    const candidate = latch();
    const term = await won(candidate.terms());
    await driver.session.serve();
    driver.session.takeLog();
    let sentByThen: string[] | undefined;
    term.signal.addEventListener("abort", () => {
      sentByThen = driver.session.takeLog();
    });
    const resigning = candidate.resign();
    expect(term.signal.aborted).toBe(true);
    expect(() => term.assertHeld()).toThrow(expect.objectContaining({ reason: "released" }));
    expect(candidate.isLeader).toBe(false);
    await settled(resigning);
    expect(sentByThen).toEqual([]);
    expect(driver.session.takeLog()).toEqual(["delete /l/_c_uuid1-latch-0000000000"]);
  });

  it("by release() does not abort it", async () => {
    const candidate = latch();
    const term = await won(candidate.terms());
    const ended = watched(term.ended);
    await settled(term.release());
    await turns();
    expect([ended.state, term.signal.aborted, candidate.isLeader]).toEqual(["done", false, false]);
  });

  it("by leaving the loop is known when its znode is gone", async () => {
    const terms = latch().terms();
    await won(terms);
    await driver.session.serve();
    const ending = watched(terms.return?.() as Promise<unknown>);
    await turns();
    expect([ending.state, driver.tree.children("/l").length]).toEqual(["pending", 1]);
    await driver.session.serve();
    expect([ending.state, driver.tree.children("/l")]).toEqual(["done", []]);
  });

  it("suspended, by the policy: over at once, its node removed before the next one is made", async () => {
    const terms = latch({ onSuspended: "abort" }).terms();
    const term = await won(terms);
    await driver.session.serve();
    await driver.session.disconnect();
    expect(term.signal.reason).toMatchObject({ reason: "suspended" });
    const next = watched(terms.next());
    await driver.session.connect();
    await driver.session.serve();
    expect(next.state).toBe("done");
    expect(driver.tree.children("/l")).toEqual(["_c_uuid2-latch-0000000001"]);
  });

  it("not by a suspension otherwise", async () => {
    const candidate = latch();
    const term = await won(candidate.terms());
    await driver.session.serve();
    await driver.session.disconnect();
    await driver.session.connect();
    await driver.session.serve();
    expect([term.signal.aborted, candidate.isLeader]).toEqual([false, true]);
    expect(driver.tree.children("/l")).toHaveLength(1);
  });

  it("by the clock, which no timer and no event has told yet", async () => {
    const candidate = latch();
    const term = await won(candidate.terms());
    expect(candidate.isLeader).toBe(true);
    const now = performance.now() + 60_000;
    const clock = vi.spyOn(performance, "now").mockReturnValue(now);
    expect(term.signal.aborted).toBe(false);
    expect(candidate.isLeader).toBe(false);
    expect(() => term.assertHeld()).toThrow(expect.objectContaining({ reason: "deadline-passed" }));
    clock.mockRestore();
  });
});

describe("priority", () => {
  it("lets a higher one that waits go first, and no other", async () => {
    const [leader, higher] = [other("latch-"), other("_c_x-p5-latch-")];
    const next = watched(latch({ priority: 1 }).terms().next());
    await driver.session.serve();
    driver.tree.delete(higher);
    const highest = other("_c_y-p7-latch-");
    await driver.session.serve();
    driver.tree.delete(leader);
    await driver.session.serve();
    expect(next.state).toBe("pending");
    expect(driver.tree.children("/l")).toEqual(["_c_uuid2-p1-latch-0000000004", highest.slice(3)]);
    driver.tree.delete(highest);
    await driver.session.serve();
    expect(next.state).toBe("done");
    expect(driver.tree.children("/l")).toHaveLength(1);
  });

  it("none asks for no listing when its turn comes", async () => {
    const leader = other("latch-");
    const next = watched(latch().terms().next());
    await driver.session.serve();
    other("_c_z-p9-latch-");
    driver.tree.delete(leader);
    await turns();
    expect(next.state).toBe("done");
  });
});
