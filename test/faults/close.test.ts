import { type Client, connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { ending, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { isLive, memberOf, membersServing } from "./support/server-view.ts";
import { Worker } from "./support/worker.ts";
import type { Report } from "./workers/closing.ts";

let ensemble: ZooKeeperEnsemble;
let routes: Routes;
let observer: Client;

beforeAll(async () => {
  ensemble = await startEnsemble();
  observer = await connect(ensemble.connectString);
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
});

afterEach(async () => {
  await routes.close();
});

afterAll(async () => {
  await observer?.close();
  await ensemble?.close();
});

async function childrenOf(path: string): Promise<readonly string[]> {
  await observer.sync(path);
  return (await observer.exists(path)) === undefined ? [] : await observer.children(path);
}

/** All that a request may end with that was still open when the client was closed. */
const closed = /^(done|CLOSED (unknown|not-applied))$/;
const closedOrLost = /^(CLOSED|CONNECTION_LOSS|SESSION_EXPIRED) (unknown|not-applied)$/;

test.each([
  ["connected", "pass", "connected", 10_000],
  ["connected, while nobody answers", "blackhole", "connected", 2_000],
  ["suspended", "blackhole", "suspended", 2_000],
  ["lost", "blackhole", "lost", 2_000],
] as const)(
  "closed when %s, with everything under way: all of it ends, and the process by itself",
  async (name, fault, state, sessionTimeoutMs) => {
    const root = `/closed ${name}`;
    await observer.create(root, "0");
    await using worker = new Worker<Report>(
      "closing.ts",
      [root, state, String(sessionTimeoutMs)],
      routes.connectString,
    );
    const prepared = await eventually(() => worker.reports.find((report) => report.kind === "prepared"));
    const session = BigInt(prepared.session);
    expect(await isLive(ensemble, session)).toBe(true);
    await eventually(async () => (await childrenOf(`${root}-lock`)).length === 2);
    routes.mode = fault;
    worker.signal("SIGUSR2");
    await worker.ended;

    const report = worker.reports.find((candidate) => candidate.kind === "closed");
    expect(report?.open).toEqual([]);
    const { watch, states, after, create = [], ...others } = report?.endings ?? {};
    expect(watch).toEqual(Array(4).fill("done"));
    expect(states).toEqual(["done"]);
    expect(after).toEqual(["CLOSED not-applied", "CLOSED not-applied", "CLOSED not-applied", "CLOSED not-applied"]);
    expect(create).toHaveLength(100);
    expect(others["ephemeral"]).toHaveLength(100);
    const { release, ...requests } = others;
    expect(release).toEqual(["done"]);
    const asked = ["acquire", "bounded read", "ephemeral", "late acquire", "pinned", "read", "transaction"];
    expect(Object.keys(requests).sort()).toEqual(asked);
    for (const end of [...create, ...Object.values(requests).flat()]) {
      expect(end).toMatch(fault === "pass" ? closed : closedOrLost);
    }

    // What the servers know: long before the session's time is up where they could be told.
    const boundMs = fault === "pass" ? sessionTimeoutMs / 2 : 20_000;
    await eventually(async () => !(await isLive(ensemble, session)), { boundMs });
    await eventually(async () => (await membersServing(ensemble, session)).length === 0);
    const left = (await childrenOf(root)).filter((child) => child !== "transacted");
    const plain = left.filter((child) => /^\d+$/.test(child)).length;
    expect(left).toHaveLength(plain);
    expect(plain).toBeGreaterThanOrEqual(create.filter((end) => end === "done").length);
    expect(plain).toBeLessThanOrEqual(create.filter((end) => /^done$|unknown$/.test(end)).length);
    if (fault !== "pass") expect(plain).toBe(0);
    expect(await childrenOf(`${root}-lock`)).toEqual([]);
    expect(await childrenOf(`${root}-late`)).toEqual([]);
  },
);

test("closed at a frozen member: the session ends when its time is up, the client at once", async () => {
  const client = await connect(routes.connectString, { sessionTimeoutMs: 3_000 });
  const { session } = client;
  const states = statesOf(client);
  await client.create("/frozen", "", { mode: "ephemeral" });
  const member = await memberOf(ensemble, client);
  await ensemble.pause(member);
  try {
    const reads = Array.from({ length: 10 }, () => ending(client.get("/frozen")));
    await client.close();
    for (const read of reads) expect(await read).toMatchObject({ error: { code: "CLOSED" } });
    expect(states).toEqual(["connected", "closed"]);
    expect(session.signal.reason).toMatchObject({ code: "CLOSED" });
  } finally {
    await ensemble.resume(member);
    await ensemble.ready();
  }
  await eventually(async () => !(await isLive(ensemble, session.id)));
  await observer.whenConnected();
  await observer.sync("/");
  expect(await observer.exists("/frozen")).toBeUndefined();
});

test("closed when suspended: the session ends as soon as a server can be reached", async () => {
  const client = await connect(routes.connectString, { sessionTimeoutMs: 40_000 });
  const { session } = client;
  await client.create("/soon-gone", "", { mode: "ephemeral" });
  routes.mode = "refuse";
  routes.cut();
  await eventually(() => client.state === "suspended");
  const waiting = ending(client.get("/soon-gone"));
  let isClosed = false;
  const closing = client.close({ timeoutMs: 20_000 }).then(() => {
    isClosed = true;
  });
  expect(await waiting).toMatchObject({ error: { code: "CLOSED" } });
  expect(session.signal.aborted).toBe(true);
  expect(await isLive(ensemble, session.id)).toBe(true);
  expect(isClosed).toBe(false);
  routes.mode = "pass";
  await closing;
  await eventually(async () => !(await isLive(ensemble, session.id)), { boundMs: 10_000 });
  await observer.sync("/");
  expect(await observer.exists("/soon-gone")).toBeUndefined();
});

test("closed while waiting for a lock and while holding one: neither is left, the next holder follows", async () => {
  const client = await connect(routes.connectString, { sessionTimeoutMs: 10_000 });
  const lease = await new Mutex(client, "/held").acquire();
  await using other = await new Mutex(observer, "/waited-for").acquire();
  const waiting = ending(new Mutex(client, "/waited-for").acquire());
  const next = new Mutex(observer, "/held").acquire();
  await eventually(
    async () => (await childrenOf("/waited-for")).length === 2 && (await childrenOf("/held")).length === 2,
  );
  await client.close();
  expect(await waiting).toMatchObject({ error: { code: "CLOSED" } });
  expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "session-ended" });
  expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
  await lease.release();
  const successor = await next;
  expect(successor.fencingToken).toBeGreaterThan(lease.fencingToken);
  await successor.release();
  expect(await childrenOf("/waited-for")).toHaveLength(1);
  other.assertHeld();
});

test("disposed of: as closed, and `closed` resolves", async () => {
  let closedWith: Promise<Error | undefined>;
  let id: bigint;
  {
    await using client = await connect(routes.connectString, { sessionTimeoutMs: 10_000 });
    closedWith = client.closed;
    id = client.session.id;
    expect(await isLive(ensemble, id)).toBe(true);
  }
  expect(await closedWith).toBeUndefined();
  await eventually(async () => !(await isLive(ensemble, id)), { boundMs: 5_000 });
});
