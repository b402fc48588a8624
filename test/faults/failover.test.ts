import { type Client, connect } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { type Ending, ending, eventsOf, sinceResync, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { idOf, isLive, memberOf, membersServing, treeAt } from "./support/server-view.ts";

let ensemble: ZooKeeperEnsemble;
let routes: Routes;

beforeAll(async () => {
  ensemble = await startEnsemble({ config: { maxSessionTimeout: 60_000 } });
});

afterEach(async () => {
  await routes?.close();
  for (const { id } of ensemble.members) {
    await ensemble.start(id);
    await ensemble.resume(id);
  }
  await ensemble.ready();
});

afterAll(async () => {
  await ensemble?.close();
});

/** A client served by this member, free to go to the others. */
async function connectTo(id: number, sessionTimeoutMs: number): Promise<Client> {
  routes = await Routes.open(ensemble);
  const client = await connect(routes.through(id), { sessionTimeoutMs });
  client.setServers(routes.connectString);
  return client;
}

/** A client nobody's routes disturb, at a member other than this. */
function connectBeside(id: number): Promise<Client> {
  const others = ensemble.members.filter((member) => member.id !== id);
  return connect(others.map(({ connectString }) => connectString).join(","), { sessionTimeoutMs: 20_000 });
}

/** Sets a counter to 1, 2, 3... without a pause until stopped, or closed with the client. */
function writer(client: Client, path: string): { stop(): Promise<readonly Ending<unknown>[]> } {
  const endings: Ending<unknown>[] = [];
  let isStopped = false;
  const running = (async () => {
    while (!isStopped && client.state !== "closed") {
      endings.push(await ending(client.set(path, String(endings.length + 1))));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return endings;
    },
  };
}

test.each([
  ["kill", "follower"],
  ["kill", "leader"],
  ["stop", "leader"],
  ["pause", "follower"],
  ["pause", "leader"],
] as const)("%s of the %s that serves a client: its session, watches and reads go on elsewhere", async (verb, role) => {
  const member = await idOf(ensemble, role);
  await using client = await connectTo(member, 9_000);
  await using observer = await connectBeside(member);
  const { id } = client.session;
  const states = statesOf(client);
  const root = `/${verb}-${role}`;
  await client.create(root, "");
  await client.create(`${root}/node`, "0");
  await client.create(`${root}/written`, "0");
  await client.create(`${root}/mine`, "", { mode: "ephemeral" });
  const watches = [
    client.watch(`${root}/node`),
    client.watch(root, { mode: "children" }),
    client.watch(root, { mode: "recursive" }),
  ] as const;
  const [node, children, recursive] = [eventsOf(watches[0]), eventsOf(watches[1]), eventsOf(watches[2])];
  await Promise.all(watches.map(({ ready }) => ready));
  expect(await membersServing(ensemble, id)).toEqual([member]);
  await observer.set(`${root}/node`, "1");
  await eventually(() => recursive.length > 0 && node.length > 0);
  expect(recursive).toEqual([`dataChanged ${root}/node`]);

  const writing = writer(client, `${root}/written`);
  routes.mode = "refuse";
  await ensemble[verb](member);
  await ensemble.ready();
  await eventually(() => observer.set(`${root}/node`, "while away"));
  await eventually(async () => (await observer.exists(`${root}/away`)) ?? (await observer.create(`${root}/away`)));
  const read = client.get(`${root}/node`);
  await eventually(() => client.state === "suspended");
  routes.mode = "pass";
  expect(Buffer.from((await read).data ?? []).toString()).toBe("while away");
  const writes = await writing.stop();
  expect(await memberOf(ensemble, client)).not.toBe(member);

  // What was missed is told by one resync, what comes then one by one.
  for (const events of [node, children, recursive]) {
    await eventually(() => events.some((event) => event.startsWith("resync ")));
    expect(events.filter((event) => event.startsWith("resync "))).toHaveLength(1);
  }
  await Promise.all(watches.map((watch) => eventually(() => watch.current)));
  await client.sync(root);
  const seen = [node.length, children.length, recursive.length] as const;
  const changes: string[] = [];
  for (let count = 1; count <= 20; count++) {
    await observer.set(`${root}/node`, `after ${count}`);
    await observer.create(`${root}/child-${count}`);
    changes.push(`dataChanged ${root}/node`, `created ${root}/child-${count}`);
  }
  await eventually(() => recursive.length - seen[2] >= changes.length && children.length - seen[1] >= 20);
  expect(node.slice(seen[0])).toEqual(Array(20).fill(`dataChanged ${root}/node`));
  expect(children.slice(seen[1])).toEqual(Array(20).fill(`childrenChanged ${root}`));
  expect(recursive.slice(seen[2])).toEqual(changes);

  // Nothing but blinking, by the client's word and by the servers'.
  expect(client.session.id).toBe(id);
  expect(states).toEqual(["connected", "suspended", "connected"]);
  expect((await observer.exists(`${root}/mine`))?.ephemeralOwner).toBe(id);

  // Each write was applied once or not at all, and told so.
  const unknown = writes.filter((write) => "error" in write);
  for (const write of unknown) expect(write).toMatchObject({ error: { code: "CONNECTION_LOSS", outcome: "unknown" } });
  expect(unknown.length).toBeLessThanOrEqual(1);
  const { version } = (await observer.exists(`${root}/written`)) ?? expect.fail("gone");
  expect(version).toBeGreaterThanOrEqual(writes.length - unknown.length);
  expect(version).toBeLessThanOrEqual(writes.length);
  expect(await treeAt(client, root)).toEqual(await treeAt(observer, root));
});

test("a new server list moves the session at run time", async () => {
  await using client = await connectTo(1, 9_000);
  await using observer = await connectBeside(1);
  const { id } = client.session;
  await client.create("/moved", "0");
  await client.create("/moved/mine", "", { mode: "ephemeral" });
  const watch = client.watch("/moved");
  const events = eventsOf(watch);
  await watch.ready;
  client.setServers(routes.through(1, 3));
  await client.set("/moved", "1");
  expect(await membersServing(ensemble, id)).toEqual([1]);
  expect(events).toEqual(["dataChanged /moved"]);

  const reads = Array.from({ length: 50 }, () => client.get("/moved"));
  client.setServers(routes.through(2));
  await Promise.all(reads);
  expect(await memberOf(ensemble, client)).toBe(2);
  await eventually(() => events.at(-1) === "resync /moved");
  client.setServers(routes.through(3));
  await eventually(async () => (await memberOf(ensemble, client)) === 3);
  await eventually(() => events.length === 3 && watch.current);
  await observer.set("/moved", "2");
  await eventually(() => events.length === 4);
  expect(events).toEqual(["dataChanged /moved", "resync /moved", "resync /moved", "dataChanged /moved"]);
  expect(client.session.id).toBe(id);
  expect((await observer.exists("/moved/mine"))?.ephemeralOwner).toBe(id);
});

test("quorum lost for less than the session: suspended, then the same session; what was asked meanwhile is answered", async () => {
  const leader = await idOf(ensemble, "leader");
  const follower = await idOf(ensemble, "follower");
  await using client = await connectTo(follower, 60_000);
  const { id } = client.session;
  await client.create("/outage", "0");
  await client.create("/outage/mine", "", { mode: "ephemeral" });
  const watch = client.watch("/outage");
  const events = eventsOf(watch);
  await watch.ready;
  const states = statesOf(client);
  const down = ensemble.members.map((member) => member.id).filter((member) => member !== follower);
  expect(down).toContain(leader);

  await Promise.all(down.map((member) => ensemble.kill(member)));
  await eventually(() => client.state === "suspended");
  const read = client.get("/outage");
  const write = client.set("/outage", "1");
  const checked = client.set("/outage", "2", { version: 1 });
  await expect(client.set("/outage", "never", { timeoutMs: 50 })).rejects.toMatchObject({
    code: "TIMEOUT",
    outcome: "not-applied",
  });
  await expect(client.get("/outage", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  await Promise.all(down.map((member) => ensemble.start(member)));

  await Promise.all([read, write, checked]);
  expect(client.session.id).toBe(id);
  expect(states).toEqual(["connected", "suspended", "connected"]);
  await eventually(() => watch.current);
  expect(events.filter((event) => event.startsWith("resync "))).toEqual(["resync /outage"]);
  await using observer = await connectBeside(follower);
  expect((await observer.exists("/outage/mine"))?.ephemeralOwner).toBe(id);
  expect(await treeAt(observer, "/outage")).toEqual(
    new Map([
      ["/outage", "2"],
      ["/outage/mine", ""],
    ]),
  );
  expect((await observer.get("/outage")).stat.version).toBe(2);
});

test("quorum lost for longer than the session: lost, then a new session; the old one's ephemerals go", async () => {
  const follower = await idOf(ensemble, "follower");
  await using client = await connectTo(follower, 4_000);
  const old = client.session;
  await client.create("/long-outage", "");
  await client.create("/long-outage/mine", "", { mode: "ephemeral" });
  const watch = client.watch("/long-outage");
  const events = eventsOf(watch);
  await watch.ready;
  const states = statesOf(client);
  const down = ensemble.members.map((member) => member.id).filter((member) => member !== follower);

  await Promise.all(down.map((member) => ensemble.kill(member)));
  // It may be lost already when this is looked at.
  await eventually(() => states.includes("suspended"));
  const pinned = ending(old.create("/long-outage/pinned", "", { mode: "ephemeral" }));
  const tooLate = ending(client.set("/long-outage", "given up"));
  await eventually(() => client.state === "lost");
  expect(old.signal.aborted).toBe(true);
  expect(await pinned).toMatchObject({ error: { code: "SESSION_EXPIRED", outcome: "not-applied" } });
  expect(await tooLate).toMatchObject({ error: { code: "CONNECTION_LOSS", outcome: "not-applied" } });
  // Longer than an operation waits of itself: by now it could have been given up, as the write was.
  const read = ending(client.get("/long-outage", { timeoutMs: 60_000 }));
  await Promise.all(down.map((member) => ensemble.start(member)));

  await client.whenConnected({ timeoutMs: 60_000 });
  expect(await read).toHaveProperty("value");
  expect(client.session.id).not.toBe(old.id);
  expect(states).toEqual(["connected", "suspended", "lost", "connected"]);
  await eventually(async () => !(await isLive(ensemble, old.id)));
  await using observer = await connectBeside(follower);
  await observer.sync("/long-outage");
  expect(await observer.children("/long-outage")).toEqual([]);
  expect(await isLive(ensemble, client.session.id)).toBe(true);

  await eventually(() => watch.current);
  await observer.set("/long-outage", "after");
  await eventually(() => sinceResync(events).length > 0);
  expect(sinceResync(events)).toEqual(["dataChanged /long-outage"]);
});
