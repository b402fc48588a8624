import { type Client, connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Servers, startServers } from "../support/servers.ts";
import { ending, eventsOf, sinceResync, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { isLive, membersServing } from "./support/server-view.ts";
import { SessionThief } from "./support/session-thief.ts";

let ensemble: Servers;
let routes: Routes;
let thief: SessionThief;
let client: Client;
let observer: Client;

beforeAll(async () => {
  ensemble = await startServers();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
  thief = new SessionThief();
  observer = await connect(ensemble.connectString);
  client = await connect(routes.connectString, { driver: thief.driver });
});

afterEach(async () => {
  await client.close();
  await observer.close();
  await routes.close();
});

afterAll(async () => {
  await ensemble?.close();
});

/** Ends the client's session at the servers. */
async function expire(): Promise<void> {
  const [member] = ensemble.members;
  await thief.endSession(client.session.id, member?.proxy ?? expect.fail("no member"));
}

test("a session ended by the server: lost, then a new one; what was bound to the old one ends with it", async () => {
  const old = client.session;
  const states = statesOf(client);
  await client.create("/ended", "0");
  await client.create("/ended/mine", "", { mode: "ephemeral" });
  const lease = await new Mutex(client, "/ended-lock").acquire();
  const watch = client.watch("/ended", { mode: "recursive" });
  const events = eventsOf(watch);
  await watch.ready;

  await expire();
  await eventually(() => client.state === "connected" && client.session.id !== old.id);
  expect(states.filter((state) => state === "lost")).toHaveLength(1);
  expect(states.slice(states.indexOf("lost"))).toEqual(["lost", "connected"]);
  expect(old.signal.reason).toMatchObject({ code: "SESSION_EXPIRED", endedBy: "server" });
  expect(old.validUntil).toBeLessThanOrEqual(performance.now());
  // Its znode goes with the session, and a client that is connected just then may hear of that first.
  const reason = expect.stringMatching(/^(session-ended|node-deleted)$/);
  expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", reason });
  expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
  expect(await ending(lease.transaction().set("/ended", "stale").commit())).toMatchObject({
    error: { code: "LEASE_LOST" },
  });
  const refused = { error: { code: "SESSION_EXPIRED", outcome: "not-applied" } };
  expect(await ending(old.get("/ended"))).toMatchObject(refused);
  expect(await ending(old.set("/ended", "stale"))).toMatchObject(refused);
  expect(await ending(old.create("/ended/late", "", { mode: "ephemeral-sequential", protected: true }))).toMatchObject(
    refused,
  );
  expect(await ending(old.whenConnected())).toMatchObject({ error: { code: "SESSION_EXPIRED" } });
  await lease.release();

  await observer.sync("/ended");
  expect(await observer.children("/ended")).toEqual([]);
  expect(await observer.children("/ended-lock")).toEqual([]);
  expect((await observer.get("/ended")).stat.version).toBe(0);
  expect(await isLive(ensemble, old.id)).toBe(false);
  expect(await membersServing(ensemble, client.session.id)).toHaveLength(1);

  // The client's own watch goes on in the new session.
  await eventually(() => watch.current);
  await observer.create("/ended/child");
  await eventually(() => sinceResync(events).length > 0);
  expect(sinceResync(events)).toEqual(["created /ended/child"]);
  await using again = await new Mutex(client, "/ended-lock").acquire();
  expect(again.fencingToken).toBeGreaterThan(lease.fencingToken);
});

test("a write that was under way is never replayed into the next session; one that was never sent goes there", async () => {
  const old = client.session;
  await client.create("/replay", "0");
  routes.mode = "blackhole";
  const underWay = [
    ending(client.create("/replay/plain")),
    ending(client.create("/replay/sequential-", "", { mode: "persistent-sequential" })),
    ending(client.create("/replay/ephemeral", "", { mode: "ephemeral" })),
    ending(client.set("/replay", "1")),
    ending(client.set("/replay", "1", { version: 0 })),
    ending(client.transaction().create("/replay/transacted").commit()),
  ];
  const pinnedUnderWay = ending(old.create("/replay/pinned", "", { mode: "ephemeral-sequential", protected: true }));
  const read = client.get("/replay");
  await expire();
  await eventually(() => client.state === "suspended");
  const pinnedWaiting = ending(old.create("/replay/pinned-waiting"));
  const waiting = client.create("/replay/waiting", "", { mode: "ephemeral" });
  routes.mode = "pass";

  const unknown = { error: { code: "CONNECTION_LOSS", outcome: "unknown" } };
  for (const write of underWay) expect(await write).toMatchObject(unknown);
  expect(await pinnedUnderWay).toMatchObject({ error: { code: "SESSION_EXPIRED" } });
  expect(await pinnedWaiting).toMatchObject({ error: { code: "SESSION_EXPIRED", outcome: "not-applied" } });
  expect((await read).stat.version).toBe(0);
  const { stat } = await waiting;
  expect(client.session.id).not.toBe(old.id);
  expect(stat.ephemeralOwner).toBe(client.session.id);
  await observer.sync("/replay");
  expect(await observer.children("/replay")).toEqual(["waiting"]);
  expect((await observer.get("/replay")).stat.version).toBe(0);
});

test("who waits for a lock when the session ends lines up again in the new one, once", async () => {
  const old = client.session;
  const held = await new Mutex(observer, "/line").acquire();
  const acquiring = new Mutex(client, "/line").acquire();
  const contenders = async (): Promise<readonly bigint[]> => {
    const names = await observer.children("/line");
    const stats = await Promise.all(names.map((name) => observer.exists(`/line/${name}`)));
    return stats.flatMap((stat) => stat?.ephemeralOwner ?? []);
  };
  await eventually(async () => (await contenders()).includes(old.id));
  await expire();
  await eventually(async () => {
    const owners = await contenders();
    return owners.length === 2 && !owners.includes(old.id);
  });
  expect(new Set(await contenders())).toEqual(new Set([observer.session.id, client.session.id]));
  held.assertHeld();
  await held.release();
  const lease = await acquiring;
  lease.assertHeld();
  expect(await contenders()).toEqual([client.session.id]);
  await lease.release();
  await observer.sync("/line");
  expect(await contenders()).toEqual([]);
});

test("session after session: each ends, its ephemerals go, the client goes on", async () => {
  await client.create("/again");
  const ids = new Set<bigint>();
  for (let round = 0; round < 5; round++) {
    const { session } = client;
    ids.add(session.id);
    await client.create(`/again/${round}`, "", { mode: "ephemeral" });
    await expire();
    await eventually(() => session.signal.aborted);
    await client.whenConnected();
  }
  expect(ids.size).toBe(5);
  await client.sync("/again");
  expect(await client.children("/again")).toEqual([]);
  for (const id of ids) expect(await isLive(ensemble, id)).toBe(false);
  expect(await isLive(ensemble, client.session.id)).toBe(true);
});
