import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DriverOptions } from "../../src/driver/driver.ts";
import { ClosedError, SessionExpiredError } from "../../src/errors/client-errors.ts";
import { AuthFailedError } from "../../src/errors/server-errors.ts";
import { silentLogger } from "../../src/logger.ts";
import { SessionCore, type SessionHooks } from "../../src/session/session-core.ts";
import { WatchHub } from "../../src/watch/watch-hub.ts";
import { FakeDriver, type FakeSession } from "../support/fake-driver.ts";
import { steadyRandom } from "../support/open-client.ts";
import { rejection, turns, watched } from "../support/turns.ts";

const sync = { op: "sync", path: "/" } as const;

interface Opened {
  readonly core: SessionCore;
  readonly session: FakeSession;
  readonly told: string[];
  /** What the owner was told of the end, and whether the signal had aborted by then. */
  readonly endings: { readonly reason: Error; readonly fatal: boolean; readonly aborted: boolean }[];
}

function open({ sessionTimeoutMs = 8_000, marginMs }: { sessionTimeoutMs?: number; marginMs?: number } = {}): Opened {
  const driver = new FakeDriver();
  const told: string[] = [];
  const endings: Opened["endings"][number][] = [];
  const hooks: SessionHooks = {
    connected: () => told.push("connected"),
    suspended: () => told.push("suspended"),
    attemptFailed: () => told.push("attemptFailed"),
    watch: ({ path }) => told.push(`watch ${path}`),
    ended: (reason, fatal) => endings.push({ reason, fatal, aborted: core.signal.aborted }),
  };
  const options: DriverOptions = {
    servers: [{ host: "zk", port: 2181 }],
    sessionTimeoutMs,
    attemptTimeoutMs: 1_000,
    readOnly: false,
    maxRequestBytes: 1_000,
    credentials: [],
    sasl: undefined,
    tls: undefined,
    random: steadyRandom(),
    logger: silentLogger,
  };
  const core = new SessionCore(driver, options, marginMs, new WatchHub(), hooks);
  return { core, session: driver.session, told, endings };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("the local deadline", () => {
  it("is counted from the sending of the last acknowledged request, less a quarter of the timeout", async () => {
    const { core, session } = open();
    expect(core.validUntil).toBe(Number.NEGATIVE_INFINITY);
    await session.connect();
    const connectedAt = performance.now();
    expect(core.validUntil).toBe(connectedAt + 6_000);
    await vi.advanceTimersByTimeAsync(1_000);
    const reply = core.request(sync);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(core.validUntil).toBe(connectedAt + 6_000);
    await session.answer();
    await reply;
    // Sent at 1 s, answered at 3 s: the server may count from 1 s on.
    expect(core.validUntil).toBe(connectedAt + 7_000);
    await core.end(new ClosedError("done"), 2_000);
  });

  it("takes the timeout the server granted, and the margin that was asked for", async () => {
    const { core, session } = open({ marginMs: 500 });
    await session.connect({ negotiatedTimeoutMs: 4_000 });
    expect(core.validUntil).toBe(performance.now() + 3_500);
    await core.end(new ClosedError("done"), 2_000);
  });

  it("ends the session when nothing is acknowledged, however long ago the connection broke", async () => {
    const { core, session, endings } = open();
    await session.connect();
    await vi.advanceTimersByTimeAsync(5_900);
    await session.disconnect();
    expect(core.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(101);
    expect(endings).toMatchObject([{ fatal: false, reason: { code: "SESSION_EXPIRED", endedBy: "deadline" } }]);
    expect(core.signal.reason).toBe(endings[0]?.reason);
    expect(core.validUntil).toBeLessThanOrEqual(performance.now());
    expect(session.closeCalls).toBe(1);
  });

  it("moves on with each answer", async () => {
    const { core, session, endings } = open();
    await session.connect();
    for (let round = 0; round < 5; round++) {
      await vi.advanceTimersByTimeAsync(5_000);
      const reply = core.request(sync);
      await session.answer();
      await reply;
    }
    expect(endings).toEqual([]);
    await vi.advanceTimersByTimeAsync(6_001);
    expect(endings).toHaveLength(1);
  });

  it("does not end a session whose answers were only not read yet", async () => {
    const { core, session, endings } = open();
    await session.connect();
    await vi.advanceTimersByTimeAsync(5_000);
    const reply = core.request(sync);
    // The event loop was blocked past the deadline. Its timer fires first; then the socket is read.
    setTimeout(() => void session.answer(), 1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await reply;
    await vi.advanceTimersByTimeAsync(1);
    expect(endings).toEqual([]);
    expect(core.connected).toBe(true);
    await core.end(new ClosedError("done"), 2_000);
  });

  it("stands when the same session is served again in time", async () => {
    const { core, session, endings, told } = open();
    await session.connect();
    await vi.advanceTimersByTimeAsync(5_000);
    await session.disconnect();
    const waiting = watched(core.whenConnected());
    await vi.advanceTimersByTimeAsync(900);
    expect(waiting.state).toBe("pending");
    await session.connect();
    await waiting.promise;
    await vi.advanceTimersByTimeAsync(5_900);
    expect(endings).toEqual([]);
    expect(told).toEqual(["connected", "suspended", "connected"]);
    expect(core.signal.aborted).toBe(false);
    await core.end(new ClosedError("done"), 2_000);
  });
});

describe("the end of a session", () => {
  it("is told to the owner before anyone else, once", async () => {
    const { core, session, endings } = open();
    await session.connect();
    await session.expire();
    await session.expire();
    await session.failAuth(new AuthFailedError(-115));
    expect(endings).toMatchObject([{ fatal: false, aborted: false, reason: { endedBy: "server" } }]);
    expect(core.signal.aborted).toBe(true);
  });

  it("reaches those who follow the signal even if the owner throws", async () => {
    const { core, session, endings } = open();
    const failure = new Error("the owner's fault");
    vi.spyOn(endings, "push").mockImplementation(() => {
      throw failure;
    });
    await session.connect();
    expect(() => session.endNow()).toThrow(failure);
    expect(core.signal.aborted).toBe(true);
  });

  it("is fatal when a credential was refused", async () => {
    const { core, session, endings } = open();
    const cause = new AuthFailedError(-115);
    await session.failAuth(cause);
    expect(endings).toMatchObject([{ fatal: true, reason: cause }]);
    expect(core.signal.reason).toBe(cause);
    expect(await rejection(core.request(sync))).toBe(cause);
  });

  const states: [name: string, reach: (session: FakeSession) => Promise<void>][] = [
    ["connecting", async () => {}],
    ["connected", (session) => session.connect()],
    ["suspended", async (session) => (await session.connect(), await session.disconnect())],
    ["expired", async (session) => (await session.connect(), await session.expire())],
  ];
  it.each(states)("by end() works while %s, is told to nobody, and leaves nothing", async (_, reach) => {
    const { core, session, endings, told } = open();
    await reach(session);
    const before = endings.length;
    const limit = { ms: 60_000, since: performance.now(), option: "operationTimeoutMs" };
    const waiting = core.connected ? undefined : rejection(core.whenConnected({ limit }));
    const reason = new ClosedError("done");
    await Promise.all([core.end(reason, 2_000), core.end(new ClosedError("again"), 2_000)]);
    expect(endings).toHaveLength(before);
    expect(core.signal.aborted).toBe(true);
    expect(core.connected).toBe(false);
    if (before === 0) expect(core.signal.reason).toBe(reason);
    const refused = await rejection(core.request(sync));
    expect(refused).toMatchObject({ op: "sync", outcome: "not-applied", cause: core.signal.reason });
    if (waiting !== undefined) expect((await waiting).message).toBe((core.signal.reason as Error).message);
    expect(await rejection(core.whenConnected())).toMatchObject({ outcome: "not-applied" });
    const toldBefore = told.length;
    await session.connect();
    await session.disconnect();
    await session.fireWatch("created", "/a");
    expect(told).toHaveLength(toldBefore);
  });

  it("by end() may wait for a server as long as the session lives: a moment while it is being opened, all it was given while connected", async () => {
    const ends: [name: string, reach: (session: FakeSession) => Promise<void>, boundMs: number][] = [
      ["connecting", async () => {}, 250],
      ["connected", (session) => session.connect(), 60_000],
      [
        "suspended",
        async (session) => {
          await session.connect();
          await session.disconnect();
          await vi.advanceTimersByTimeAsync(1_000);
        },
        5_000,
      ],
    ];
    for (const [, reach, boundMs] of ends) {
      for (const timeoutMs of [60_000, 100]) {
        const { core, session } = open();
        await reach(session);
        await core.end(new ClosedError("done"), timeoutMs);
        expect(session.closing).toMatchObject({ timeoutMs: Math.min(timeoutMs, boundMs), seek: true });
      }
    }
  });

  it("by its loss does not look for a server", async () => {
    const { session } = open();
    await session.connect();
    await session.disconnect();
    await vi.advanceTimersByTimeAsync(6_100);
    expect(session.closing).toEqual({ reason: expect.any(SessionExpiredError) });
  });

  it("rejects what pends: what was sent as unknown, what waited as not applied", async () => {
    const { core, session } = open();
    await session.connect();
    const sent = rejection(core.request(sync));
    await vi.advanceTimersByTimeAsync(6_001);
    expect(await sent).toBeInstanceOf(SessionExpiredError);
    expect(await sent).toMatchObject({ outcome: "unknown", endedBy: "deadline" });
    expect(await rejection(core.request(sync))).toMatchObject({ outcome: "not-applied", endedBy: "deadline" });
  });

  it("before the first connection needs no deadline", async () => {
    const { core, session, endings } = open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(endings).toEqual([]);
    await session.expire();
    expect(endings).toHaveLength(1);
    expect(core.validUntil).toBe(Number.NEGATIVE_INFINITY);
  });
});

it("suspension is told each time, until the listener is taken off or the session ends", async () => {
  const { core, session } = open();
  const heard: string[] = [];
  core.onSuspended(() => heard.push("stays"));
  const off = core.onSuspended(() => heard.push("leaves"));
  await session.connect();
  await session.disconnect();
  off();
  await session.connect();
  await session.disconnect();
  expect(heard).toEqual(["stays", "leaves", "stays"]);
  await core.end(new ClosedError("done"), 2_000);
  await turns();
});

it("watch events and failed attempts are passed on", async () => {
  const { core, session, told } = open();
  await session.failAttempt({ host: "zk", port: 2181 }, new Error("refused"));
  await session.connect();
  await session.fireWatch("created", "/a");
  expect(told).toEqual(["attemptFailed", "connected", "watch /a"]);
  await core.end(new ClosedError("done"), 2_000);
});
