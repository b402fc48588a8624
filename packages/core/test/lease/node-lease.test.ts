import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { LeaseLostError } from "../../src/errors/client-errors.ts";
import type { Lease } from "../../src/lease/lease.ts";
import { NodeLease, type NodeLeaseOptions } from "../../src/lease/node-lease.ts";
import type { Logger } from "../../src/logger.ts";
import { DeletionWatch } from "../../src/recipe/deletion-watch.ts";
import { listenersOf } from "../support/listeners.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { rejection, turns, watched } from "../support/turns.ts";

const path = "/l/mine";

let opened: Opened;
const logged: string[] = [];

function ignore(): void {}

const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: (message) => void logged.push(message) };

/** A lease on a znode that exists. */
function hold(options: Partial<NodeLeaseOptions> = {}): NodeLease {
  return new NodeLease({
    session: opened.client.session,
    path,
    fencingToken: 7n,
    subject: "lock /l",
    onSuspended: "hold-until-deadline",
    logger,
    ...options,
  });
}

function thrown(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

beforeEach(async () => {
  vi.useFakeTimers();
  logged.length = 0;
  opened = await openClient();
  opened.driver.tree.create("/l");
  opened.driver.tree.create(path, 1, 1n);
});

afterEach(async () => {
  await opened.client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("a lease that is held", () => {
  it("says so, up to the session's deadline", async () => {
    const lease = hold();
    expect(lease.fencingToken).toBe(7n);
    expect(lease.path).toBe(path);
    expect(lease.validUntil).toBe(opened.client.session.validUntil);
    expect(lease.signal.aborted).toBe(false);
    lease.assertHeld();
    await vi.advanceTimersByTimeAsync(3_000);
    const before = lease.validUntil;
    const reply = opened.client.sync("/");
    await opened.driver.session.serve();
    await reply;
    expect(lease.validUntil).toBe(before + 3_000);
  });

  it("costs no request while it is short, and watches its znode later", async () => {
    const lease = hold();
    await vi.advanceTimersByTimeAsync(99);
    expect(opened.driver.session.log).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(opened.driver.session.takeLog()).toEqual([`exists ${path}`]);
    await opened.driver.session.serve();
    const releasing = lease.release();
    await opened.driver.session.serve();
    await releasing;
    // The deletion uses up the watch: nothing is left to be removed.
    expect(opened.driver.session.log).toEqual([`delete ${path}`]);
    expect(opened.driver.tree.watched).toEqual([]);
  });

  it("shares its session's signal with any number of others: one listener for all", () => {
    const listeners = listenersOf(opened.client.session.signal);
    const leases = Array.from({ length: 50 }, () => hold());
    expect(listeners.count).toBe(1);
    for (const lease of leases) lease.release().catch(() => {});
    expect(listeners.count).toBe(0);
  });

  it("stays held while suspended, and when the same session is served again", async () => {
    const lease = hold();
    await opened.driver.session.disconnect();
    lease.assertHeld();
    await opened.driver.session.connect();
    lease.assertHeld();
    expect(lease.signal.aborted).toBe(false);
  });
});

describe("a lease is lost", () => {
  const losses: [reason: string, lose: (opened: Opened) => Promise<void>, options?: Partial<NodeLeaseOptions>][] = [
    ["session-ended", ({ driver }) => driver.session.expire()],
    ["session-ended", ({ client }) => client.close()],
    [
      "deadline-passed",
      async () => {
        await vi.advanceTimersByTimeAsync(7_501);
      },
    ],
    [
      "node-deleted",
      async ({ driver }) => {
        await vi.advanceTimersByTimeAsync(100);
        await driver.session.serve();
        driver.tree.delete(path);
        await turns();
      },
    ],
    [
      "node-deleted",
      async ({ driver }) => {
        driver.tree.delete(path);
        await vi.advanceTimersByTimeAsync(100);
        await driver.session.serve();
      },
    ],
    ["suspended", ({ driver }) => driver.session.disconnect(), { onSuspended: "abort" }],
  ];
  it.each(losses)("for %s: %#", async (reason, lose, options) => {
    const lease = hold(options);
    const listeners = listenersOf(opened.client.session.signal);
    const heard: unknown[] = [];
    lease.signal.addEventListener("abort", () => heard.push(lease.signal.reason));
    await lose(opened);
    const error: unknown = lease.signal.reason;
    expect(error).toBeInstanceOf(LeaseLostError);
    expect(error).toMatchObject({ code: "LEASE_LOST", reason, path, retryable: false });
    expect((error as Error).message).toContain("lock /l is no longer held");
    expect(heard).toEqual([error]);
    expect(thrown(() => lease.assertHeld())).toBe(error);
    expect(lease.validUntil).toBeLessThanOrEqual(performance.now());
    expect(listeners.count).toBe(0);
    expect(await rejection(lease.transaction().delete("/x").commit())).toBe(error);
  });

  it.each([
    ["of a session that has ended", "session-ended", ({ driver }: Opened) => driver.session.expire(), {}],
    [
      "of a suspended session, where that counts,",
      "suspended",
      ({ driver }: Opened) => driver.session.disconnect(),
      { onSuspended: "abort" } as const,
    ],
  ])("%s from the start", async (_, reason, before, options) => {
    const { session } = opened.client;
    await before(opened);
    expect(hold({ session, ...options }).signal.reason).toMatchObject({ reason });
  });

  it("from the start if its znode was found gone before it began", async () => {
    opened.driver.tree.delete(path);
    const watch = new DeletionWatch(opened.client.session, path, () => {});
    await opened.driver.session.serve();
    expect(watch.isGone).toBe(true);
    expect(hold({ watch }).signal.reason).toMatchObject({ reason: "node-deleted" });
  });

  it("when the watch it has taken over tells", async () => {
    const watch = new DeletionWatch(opened.client.session, path, () => {
      throw new Error("the lease took it over");
    });
    const lease = hold({ watch });
    await opened.driver.session.serve();
    opened.driver.tree.delete(path);
    await turns();
    expect(lease.signal.reason).toMatchObject({ reason: "node-deleted" });
    expect(opened.driver.session.log).toEqual([`exists ${path}`]);
  });

  it("once: the first reason stays", async () => {
    const lease = hold({ onSuspended: "abort" });
    await opened.driver.session.disconnect();
    await opened.driver.session.expire();
    expect(lease.signal.reason).toMatchObject({ reason: "suspended" });
  });

  it("by the clock, though a blocked event loop let no timer fire", async () => {
    const lease = hold();
    const validUntil = lease.validUntil;
    vi.spyOn(performance, "now").mockReturnValue(validUntil);
    expect(lease.signal.aborted).toBe(false);
    expect(thrown(() => lease.assertHeld())).toMatchObject({ code: "LEASE_LOST", reason: "deadline-passed" });
    expect(await rejection(lease.transaction().commit())).toMatchObject({ reason: "deadline-passed" });
    vi.mocked(performance.now).mockReturnValue(validUntil - 1);
    lease.assertHeld();
    vi.mocked(performance.now).mockRestore();
  });
});

describe("release()", () => {
  it("deletes the znode, once however often it is called, and aborts no signal", async () => {
    const lease = hold();
    const listeners = listenersOf(opened.client.session.signal);
    const releasing = Promise.all([lease.release(), lease.release(), lease[Symbol.asyncDispose]()]);
    expect(thrown(() => lease.assertHeld())).toMatchObject({ code: "LEASE_LOST", reason: "released" });
    await opened.driver.session.serve();
    await releasing;
    await lease.release();
    expect(opened.driver.session.log).toEqual([`delete ${path}`]);
    expect(opened.driver.tree.children("/l")).toEqual([]);
    expect(lease.signal.aborted).toBe(false);
    expect(lease.validUntil).toBeLessThanOrEqual(performance.now());
    expect(listeners.count).toBe(0);
    await opened.driver.session.expire();
    expect(lease.signal.aborted).toBe(false);
  });

  it("is kept at over any number of connection losses", async () => {
    const lease = hold();
    const releasing = watched(lease.release());
    for (let loss = 0; loss < 20; loss++) {
      await turns();
      await opened.driver.session.disconnect();
      await vi.advanceTimersByTimeAsync(200);
      await opened.driver.session.connect();
    }
    expect(releasing.state).toBe("pending");
    await opened.driver.session.serve();
    await releasing.promise;
    expect(opened.driver.tree.children("/l")).toEqual([]);
  });

  it("takes a znode that is gone for released", async () => {
    const lease = hold();
    const releasing = lease.release();
    await opened.driver.session.loseAnswers();
    await opened.driver.session.connect();
    await opened.driver.session.serve();
    await releasing;
    expect(opened.driver.session.log).toEqual([`delete ${path}`, `delete ${path}`]);
  });

  it.each<[how: string, end: (opened: Opened) => Promise<void>]>([
    ["expiry", ({ driver }) => driver.session.expire()],
    ["closing", ({ client }) => client.close()],
    [
      "the deadline",
      async ({ driver }) => {
        await driver.session.disconnect();
        await vi.advanceTimersByTimeAsync(7_501);
      },
    ],
  ])("is done when the session ends by %s, before or meanwhile", async (_, end) => {
    const [lease, other] = [hold(), hold({ path: "/l/other" })];
    const releasing = lease.release();
    await end(opened);
    await releasing;
    await other.release();
    expect(opened.driver.session.log.filter((entry) => entry === "delete /l/other")).toEqual([]);
  });

  it("gives back what was lost by suspension alone", async () => {
    const lease = hold({ onSuspended: "abort" });
    await opened.driver.session.disconnect();
    const releasing = lease.release();
    await opened.driver.session.connect();
    await vi.advanceTimersByTimeAsync(100);
    await opened.driver.session.serve();
    await releasing;
    expect(opened.driver.tree.children("/l")).toEqual([]);
    expect(thrown(() => lease.assertHeld())).toMatchObject({ reason: "suspended" });
  });

  it("tells of a refusal; disposing logs it instead", async () => {
    const lease = hold();
    const releasing = rejection(lease.release());
    await opened.driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await releasing).toMatchObject({ code: "NO_AUTH", path });
    await lease[Symbol.asyncDispose]();
    expect(logged).toEqual(["could not release the lock /l"]);
  });

  it("is what leaving a block does, and never hides an error of the body", async () => {
    const work = async (): Promise<void> => {
      await using _lease = hold();
      throw new Error("the body's");
    };
    const failing = rejection(work());
    await turns();
    await opened.driver.session.refuse(ErrorCode.NO_AUTH);
    expect((await failing).message).toBe("the body's");
    expectTypeOf<Lease>().toExtend<AsyncDisposable>();
    expectTypeOf<NodeLease>().toExtend<Lease>();
  });
});

describe("a fenced transaction", () => {
  it("checks the holder's znode first, and counts results and errors without that", async () => {
    const lease = hold();
    const committing = lease
      .transaction()
      .set("/x", "1")
      .create("/y")
      .delete("/z", { version: 1 })
      .check("/w", 2)
      .commit();
    const [asked] = opened.driver.session.open;
    expect(asked?.operation).toMatchObject({
      operations: [
        { op: "check", path, version: -1 },
        { op: "setData", path: "/x" },
        { op: "create2", path: "/y" },
        { op: "delete", path: "/z", version: 1 },
        { op: "check", path: "/w", version: 2 },
      ],
    });
    await opened.driver.session.answer({
      results: [
        { op: "check" },
        { op: "setData", stat: undefined },
        { op: "create", path: "/y" },
        { op: "delete" },
        { op: "check" },
      ],
    });
    expect((await committing).map(({ op }) => op)).toEqual(["set", "create", "delete", "check"]);
    const failing = rejection(lease.transaction().set("/x", "1").delete("/z").commit());
    await opened.driver.session.refuse(ErrorCode.BAD_VERSION, 2);
    expect(await failing).toMatchObject({ code: "BAD_VERSION", index: 1 });
    lease.assertHeld();
  });

  it("that finds the znode gone loses the lease", async () => {
    const lease = hold();
    const failing = rejection(lease.transaction().set("/x", "1").commit());
    await opened.driver.session.refuse(ErrorCode.NO_NODE, 0);
    const error = await failing;
    expect(error).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted", cause: { code: "NO_NODE" } });
    expect(lease.signal.reason).toBe(error);
  });

  it("tells another refusal of the fence without an index: none of the caller's operations failed", async () => {
    const lease = hold();
    const failing = rejection(lease.transaction().set("/x", "1").commit());
    await opened.driver.session.refuse(ErrorCode.NO_AUTH, 0);
    expect(await failing).toMatchObject({ code: "NO_AUTH", index: undefined });
    lease.assertHeld();
  });

  it("a missing znode of the caller's is the caller's", async () => {
    const lease = hold();
    const failing = rejection(lease.transaction().set("/x", "1").commit());
    await opened.driver.session.refuse(ErrorCode.NO_NODE, 1);
    expect(await failing).toMatchObject({ code: "NO_NODE", index: 0 });
    lease.assertHeld();
  });

  it("that was made before the release and comes after it finds the lease released, aborting nothing", async () => {
    const lease = hold();
    const [early, late] = [lease.transaction().delete("/x"), lease.transaction().delete("/y")];
    const failing = rejection(early.commit());
    const releasing = lease.release();
    await opened.driver.session.refuse(ErrorCode.NO_NODE, 0);
    expect(await failing).toMatchObject({ code: "LEASE_LOST", reason: "released" });
    expect(lease.signal.aborted).toBe(false);
    await opened.driver.session.serve();
    await releasing;
    expect(await rejection(late.commit())).toMatchObject({ code: "LEASE_LOST", reason: "released" });
  });

  it("is never sent into the next session", async () => {
    const lease = hold();
    await opened.driver.session.disconnect();
    const failing = rejection(lease.transaction().set("/x", "1").commit());
    await opened.driver.session.expire();
    await opened.driver.session.connect();
    expect(await failing).toMatchObject({ code: "SESSION_EXPIRED", outcome: "not-applied" });
    expect(opened.driver.session.log).toEqual([]);
  });

  it("passes on that its outcome is unknown", async () => {
    const failing = rejection(hold().transaction().set("/x", "1").commit());
    await opened.driver.session.disconnect();
    expect(await failing).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
  });
});
