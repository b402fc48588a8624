import { type Client, connect, type Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { ending, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { idOf, isLive, membersServing } from "./support/server-view.ts";

let ensemble: ZooKeeperEnsemble;
let routes: Routes;

beforeAll(async () => {
  ensemble = await startEnsemble();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
});

afterEach(async () => {
  await routes.close();
});

afterAll(async () => {
  await ensemble?.close();
});

/** A client at this member. */
async function connectTo(id: number, sessionTimeoutMs: number): Promise<Client> {
  const client = await connect(routes.through(id), { sessionTimeoutMs });
  client.setServers(routes.connectString);
  return client;
}

test.each(["leader", "follower"] as const)(
  "cut off from a %s in silence: it gives up its session and lock before the server does",
  async (role) => {
    await using client = await connectTo(await idOf(ensemble, role), 4_000);
    await using observer = await connect(ensemble.connectString, { sessionTimeoutMs: 10_000 });
    const path = `/silent/${role}`;
    const old = client.session;
    const lease = await new Mutex(client, path).acquire();
    const successor = new Mutex(observer, path).acquire();
    await eventually(async () => (await observer.children(path)).length === 2);

    const order: string[] = [];
    const heldAt: boolean[] = [];
    void (async () => {
      for await (const state of client.states()) order.push(state);
    })();
    lease.signal.addEventListener("abort", () => order.push("lease aborted"));
    const succeeded = successor.then((next) => {
      order.push("successor holds");
      heldAt.push(isHeld(lease));
      return next;
    });
    const writing = ending(old.create(`/silent/${role}-never`, ""));
    await writing;
    routes.mode = "blackhole";
    const unknown = ending(client.set(path, "lost"));

    await using next = await succeeded;
    expect(heldAt).toEqual([false]);
    await eventually(() => order.includes("lost"));
    expect(order.slice(0, 2)).toEqual(["connected", "suspended"]);
    expect(order.slice(2, 4).sort()).toEqual(["lease aborted", "lost"]);
    expect(order.slice(4)).toEqual(["successor holds"]);
    expect(old.signal.reason).toMatchObject({ code: "SESSION_EXPIRED", endedBy: "deadline" });
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "deadline-passed" });
    expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
    expect(await unknown).toMatchObject({ error: { code: "CONNECTION_LOSS", outcome: "unknown" } });
    expect(await ending(old.get("/"))).toMatchObject({ error: { code: "SESSION_EXPIRED", outcome: "not-applied" } });
    expect(await ending(lease.transaction().set(path, "stale").commit())).toMatchObject({
      error: { code: "LEASE_LOST" },
    });
    await lease.release();
    expect(await isLive(ensemble, old.id)).toBe(false);

    routes.mode = "pass";
    await client.whenConnected({ timeoutMs: 20_000 });
    expect(client.session.id).not.toBe(old.id);
    expect(await membersServing(ensemble, client.session.id)).toHaveLength(1);
    expect((await observer.get(path)).data).toBeNull();
    expect(order.slice(5)).toEqual(["connected"]);
  },
);

/** Whether the lease believes in itself. */
function isHeld(lease: Lease): boolean {
  try {
    lease.assertHeld();
    return true;
  } catch {
    return false;
  }
}

test("a session without requests is kept alive, and knows it", async () => {
  await using client = await connect(routes.connectString, { sessionTimeoutMs: 1_000 });
  const { session } = client;
  expect(session.negotiatedTimeoutMs).toBe(1_000);
  const states = statesOf(client);
  const first = session.validUntil;
  await eventually(() => session.validUntil > first + 3 * session.negotiatedTimeoutMs);
  expect(states).toEqual(["connected"]);
  expect(client.session).toBe(session);
  expect(await isLive(ensemble, session.id)).toBe(true);
});

test("the deadline counts from when a request was sent, not from its answer", async () => {
  await using client = await connect(routes.connectString, { sessionTimeoutMs: 6_000 });
  const { session } = client;
  for (const proxy of routes.proxies.values()) proxy.delayMs = 300;
  for (let round = 0; round < 3; round++) {
    const answer = client.get("/");
    await new Promise((resolve) => setImmediate(resolve));
    const sentBefore = performance.now();
    await answer;
    expect(session.validUntil).toBeLessThanOrEqual(sentBefore + session.negotiatedTimeoutMs * 0.75);
  }
});

test("blinking within the session's time costs neither session nor lock", async () => {
  await using client = await connect(routes.connectString, { sessionTimeoutMs: 10_000 });
  await using observer = await connect(ensemble.connectString);
  const states = statesOf(client);
  const { id } = client.session;
  await using lease = await new Mutex(client, "/blinking").acquire();
  for (let round = 0; round < 5; round++) {
    routes.mode = "refuse";
    routes.cut();
    await eventually(() => client.state === "suspended");
    lease.assertHeld();
    routes.mode = "pass";
    await eventually(() => client.state === "connected");
  }
  expect(lease.signal.aborted).toBe(false);
  lease.assertHeld();
  await lease.transaction().create("/blinking-fenced").commit();
  expect(client.session.id).toBe(id);
  expect(new Set(states)).toEqual(new Set(["connected", "suspended"]));
  const [name] = await observer.children("/blinking");
  expect((await observer.exists(`/blinking/${name}`))?.ephemeralOwner).toBe(id);
});

test("a fenced write under way when the holder's znode is deleted is refused by the server", async () => {
  await using client = await connect(routes.connectString, { sessionTimeoutMs: 10_000 });
  await using observer = await connect(ensemble.connectString);
  await observer.create("/fenced", "before");
  const lease = await new Mutex(client, "/fenced-lock").acquire();
  for (const proxy of routes.proxies.values()) proxy.delayMs = 500;
  const stale = ending(lease.transaction().set("/fenced", "stale").commit());
  const [name] = await observer.children("/fenced-lock");
  await observer.delete(`/fenced-lock/${name}`);
  await using next = await new Mutex(observer, "/fenced-lock").acquire();
  await next.transaction().set("/fenced", "successor").commit();
  expect(await stale).toMatchObject({ error: { code: "LEASE_LOST", reason: "node-deleted" } });
  expect(Buffer.from((await observer.get("/fenced")).data ?? []).toString()).toBe("successor");
  expect(isHeld(lease)).toBe(false);
  expect(lease.signal.aborted).toBe(true);
});
