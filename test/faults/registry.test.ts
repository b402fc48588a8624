import { type Client, connect } from "@quorate/core";
import { type Registration, type Service, type ServiceChange, ServiceRegistry } from "@quorate/registry";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { isEmbedded, type Servers, startServers } from "../support/servers.ts";
import { eventsOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { isLive } from "./support/server-view.ts";
import { SessionThief } from "./support/session-thief.ts";

let ensemble: Servers;
let routes: Routes;
let thief: SessionThief;
/** Behind faults; the other is not. */
let client: Client;
let observer: Client;
let basePath: string;
let registry: ServiceRegistry;
let theirs: ServiceRegistry;
let count = 0;

beforeAll(async () => {
  ensemble = await startServers();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
  thief = new SessionThief();
  observer = await connect(ensemble.connectString, { sessionTimeoutMs: 20_000 });
  client = await connect(routes.connectString, { driver: thief.driver, sessionTimeoutMs: 4_000 });
  basePath = `/registry-${count++}`;
  registry = new ServiceRegistry(client, { basePath });
  theirs = new ServiceRegistry(observer, { basePath });
});

afterEach(async () => {
  await client.close();
  await observer.close();
  await routes.close();
  for (const { id } of ensemble.members) await ensemble.start(id);
  await ensemble.ready();
});

afterAll(async () => {
  await ensemble?.close();
});

interface Seen {
  readonly port: number;
  readonly owner: bigint;
  readonly czxid: bigint;
  readonly mzxid: bigint;
}

/** The entry by the servers' word. */
async function seen(path: string): Promise<Seen | undefined> {
  await observer.sync(path);
  const node = await observer.get(path).catch(() => undefined);
  if (node === undefined) return undefined;
  const { czxid, mzxid, ephemeralOwner: owner } = node.stat;
  return { port: (JSON.parse(Buffer.from(node.data ?? []).toString()) as { port: number }).port, owner, czxid, mzxid };
}

function entryOf(id: string, port: number): string {
  return JSON.stringify({ name: "orders", id, address: "h", port, serviceType: "DYNAMIC" });
}

async function expire(): Promise<void> {
  await thief.endSession(client.session.id, ensemble.members[0]?.proxy ?? expect.fail("no member"));
}

/** The connection breaks and cannot be had again until `routes.mode` is `pass`. */
async function cut(): Promise<void> {
  routes.mode = "refuse";
  routes.cut();
  await eventually(() => client.state === "suspended");
}

function kindsOf(registration: Registration): readonly string[] {
  const kinds: string[] = [];
  void (async () => {
    for await (const state of registration.states()) kinds.push(state.kind === "absent" ? state.reason : state.kind);
  })();
  return kinds;
}

async function wordsOf(service: Service): Promise<readonly string[]> {
  const words: string[] = [];
  const word = (change: ServiceChange): string =>
    change.type === "snapshot"
      ? `snapshot ${change.instances.length}`
      : `${change.type} ${change.instance.id}:${change.instance.port}`;
  void (async () => {
    for await (const change of service.watch()) words.push(word(change));
  })();
  await eventually(() => words.length > 0);
  return words;
}

function portsOf(service: Service): Record<string, number | undefined> {
  return Object.fromEntries(service.instances.map(({ id, port }) => [id, port]));
}

describe("a registration", () => {
  test("is not touched when the same session comes back: nobody who watches sees anything", async () => {
    await using registration = await registry.register({ name: "orders", id: "1", port: 1 });
    const kinds = kindsOf(registration);
    await using service = await theirs.discover("orders");
    const words = await wordsOf(service);
    await service.waitFor();
    const before = await seen(registration.instance.path);
    await using watch = observer.watch(basePath, { mode: "recursive" });
    const events = eventsOf(watch);
    await watch.ready;
    const wordsBefore = words.length;
    for (let round = 0; round < 3; round++) {
      await cut();
      routes.mode = "pass";
      await eventually(() => client.state === "connected");
    }
    await observer.create(`${basePath}/marker`);
    await eventually(() => events.length > 0);
    expect(events).toEqual([`created ${basePath}/marker`]);
    expect(await seen(registration.instance.path)).toEqual(before);
    expect(words.length).toBe(wordsBefore);
    expect(kinds).toEqual(["present"]);
  });

  test("is made again, once, after the servers ended the session, with the newest details", async () => {
    await using registration = await registry.register({ name: "orders", id: "1", port: 1 });
    const { path } = registration.instance;
    await using service = await theirs.discover("orders");
    await service.waitFor();
    const words = await wordsOf(service);
    await registration.update({ port: 2 });
    const old = client.session;
    await expire();
    await eventually(async () => (await seen(path))?.owner === client.session.id && client.session.id !== old.id);
    expect(await isLive(ensemble, old.id)).toBe(false);
    await eventually(() => registration.isPresent);
    await eventually(() => expect(words).toEqual(["snapshot 1", "updated 1:2", "removed 1:2", "added 1:2"]));
  });

  test("takes the place of its own dying entry, of a session given up here long before the servers do", async () => {
    await using early = await connect(routes.connectString, { sessionTimeoutMs: 10_000, sessionMarginMs: 5_000 });
    const own = new ServiceRegistry(early, { basePath });
    await using registration = await own.register({ name: "orders", id: "1", port: 1 });
    const { path } = registration.instance;
    const old = early.session;
    routes.mode = "blackhole";
    await eventually(() => early.state === "lost");
    expect(registration.isPresent).toBe(false);
    routes.mode = "pass";
    routes.cut();
    await eventually(() => registration.isPresent);
    const after = await seen(path);
    expect(await isLive(ensemble, old.id)).toBe(true);
    expect(after?.owner).toBe(early.session.id);
    await eventually(async () => !(await isLive(ensemble, old.id)));
    expect(await seen(path)).toEqual(after);
  });

  test("updated while disconnected: applied, the newest alone, in one write", async () => {
    await using registration = await registry.register({ name: "orders", id: "1", port: 1 });
    const { path } = registration.instance;
    const { id } = client.session;
    await using service = await theirs.discover("orders");
    await service.waitFor();
    const words = await wordsOf(service);
    await cut();
    const updates = [2, 3, 4].map((port) => registration.update({ port }));
    await expect(registration.update({ sslPort: 5 }, { timeoutMs: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(registration.instance).toMatchObject({ port: 4, sslPort: 5 });
    routes.mode = "pass";
    await Promise.all(updates);
    await eventually(async () => (await seen(path))?.port === 4);
    expect(client.session.id).toBe(id);
    await eventually(() => expect(words).toEqual(["snapshot 1", "updated 1:4"]));
  });

  test("closed while disconnected: it goes, and does not come back", async () => {
    const registration = await registry.register({ name: "orders", id: "1", port: 1 });
    const { path } = registration.instance;
    await cut();
    const closing = registration.close();
    expect((await seen(path))?.port).toBe(1);
    routes.mode = "pass";
    await closing;
    expect(await seen(path)).toBeUndefined();
    const old = client.session.id;
    await expire();
    await eventually(() => client.state === "connected" && client.session.id !== old);
    await using again = await registry.register({ name: "orders", id: "2", port: 2 });
    expect(again.isPresent).toBe(true);
    expect(await seen(path)).toBeUndefined();
  });

  test.each(["DYNAMIC", "DYNAMIC_SEQUENTIAL", "STATIC"] as const)(
    "%s: written and the answer lost, there is one entry",
    async (serviceType) => {
      await observer.create(basePath);
      await observer.create(`${basePath}/orders`);
      const drop = routes.dropReply({ op: ["create", "create2"], path: new RegExp(`^${basePath}/orders/.`) });
      const registration = await registry.register({ name: "orders", id: "1", port: 1, serviceType });
      await drop.dropped;
      const names = await observer.children(`${basePath}/orders`);
      expect(names.length).toBe(1);
      expect(registration.state).toMatchObject({ kind: "present", path: `${basePath}/orders/${names[0]}` });
      await registration.close();
      await observer.sync(basePath);
      expect(await observer.children(`${basePath}/orders`)).toEqual([]);
    },
  );

  test("given up while there is no connection, it leaves nothing", async () => {
    await cut();
    const given = registry.register({ name: "orders", id: "1", address: "h", port: 1, timeoutMs: 50 });
    await expect(given).rejects.toMatchObject({ code: "TIMEOUT" });
    routes.mode = "pass";
    await eventually(() => client.state === "connected");
    await using other = await registry.register({ name: "orders", id: "2", port: 2 });
    expect(other.isPresent).toBe(true);
    expect(await seen(`${basePath}/orders/1`)).toBeUndefined();
  });
});

describe("a discovered service", () => {
  test("serves what it knows while ZooKeeper is away, marked stale; afterwards it tells what it missed", async () => {
    const path = (id: string): string => `${basePath}/orders/${id}`;
    for (const id of ["a", "b", "c", "d"]) await observer.create(path(id), entryOf(id, 1), { parents: true });
    await client.sync(basePath);
    await using service = await registry.discover("orders");
    const words = await wordsOf(service);
    await cut();
    expect(service.stale).toBe(true);
    expect(Object.keys(portsOf(service)).sort()).toEqual(["a", "b", "c", "d"]);
    expect(service.pick()).toBeDefined();
    // The same again in its place, which no version tells; one changed, one gone, one new, one untouched.
    await observer.transaction().delete(path("a")).create(path("a"), entryOf("a", 1)).commit();
    await observer.set(path("b"), entryOf("b", 2));
    await observer.delete(path("c"));
    await observer.create(path("e"), entryOf("e", 5));
    routes.mode = "pass";
    await eventually(() => !service.stale);
    expect(portsOf(service)).toEqual({ a: 1, b: 2, d: 1, e: 5 });
    await eventually(() =>
      expect([...words.slice(1)].sort()).toEqual([
        "added a:1",
        "added e:5",
        "removed a:1",
        "removed c:1",
        "updated b:2",
      ]),
    );
    expect(words.indexOf("removed a:1")).toBeLessThan(words.indexOf("added a:1"));
  });

  test("goes on in the next session, with what changed meanwhile", async () => {
    await using kept = await theirs.register({ name: "orders", id: "kept", port: 1 });
    const gone = await theirs.register({ name: "orders", id: "gone", port: 1 });
    await client.sync(basePath);
    await using service = await registry.discover("orders");
    await using names = await registry.services();
    const words = await wordsOf(service);
    const old = client.session.id;
    routes.mode = "refuse";
    routes.cut();
    await gone.close();
    await theirs.register({ name: "payments", id: "1" });
    await thief.endSession(old, ensemble.members[0]?.proxy ?? expect.fail("no member"));
    routes.mode = "pass";
    await eventually(() => client.state === "connected" && client.session.id !== old);
    await eventually(() => expect(words).toEqual(["snapshot 2", "removed gone:1"]));
    await kept.update({ port: 2 });
    await eventually(() => expect(words.at(-1)).toBe("updated kept:2"));
    await eventually(() => expect(names.names).toEqual(["orders", "payments"]));
  });

  test("discovering waits while no server can be reached, within its bounds", async () => {
    await theirs.register({ name: "orders", id: "1", port: 1 });
    await cut();
    await expect(registry.discover("orders", { timeoutMs: 50 })).rejects.toMatchObject({ code: "TIMEOUT" });
    const discovering = registry.discover("orders");
    routes.mode = "pass";
    await using service = await discovering;
    expect(portsOf(service)).toEqual({ 1: 1 });
  });

  test("the leader dies: nobody is taken for gone, and newcomers are seen", async () => {
    await using registration = await registry.register({ name: "orders", id: "1", port: 1 });
    await using service = await registry.discover("orders");
    await service.waitFor();
    const words = await wordsOf(service);
    const { id } = (await ensemble.leader()) ?? expect.fail("no leader");
    await ensemble.kill(id);
    if (isEmbedded) await ensemble.start(id);
    await using other = await theirs.register({ name: "orders", id: "2", port: 2 });
    await eventually(() => expect(portsOf(service)).toEqual({ 1: 1, 2: 2 }));
    await eventually(() => registration.isPresent && other.isPresent && !service.stale);
    // Its session may have ended in between, where the servers were long at electing.
    expect(words.filter((word) => word !== "removed 1:1" && word !== "added 1:1")).toEqual(["snapshot 1", "added 2:2"]);
  });

  test("the quorum is lost and comes back: last known meanwhile, then as the servers have it", async () => {
    await using first = await registry.register({ name: "orders", id: "1", port: 1 });
    await using second = await theirs.register({ name: "orders", id: "2", port: 2 });
    await using service = await registry.discover("orders");
    await service.waitFor({ atLeast: 2 });
    const killed = ensemble.members.slice(0, 2).map(({ id }) => id);
    await Promise.all(killed.map((id) => ensemble.kill(id)));
    await eventually(() => client.state === "suspended" || client.state === "lost");
    const update = second.update({ port: 3 });
    expect(service.stale).toBe(true);
    expect(portsOf(service)).toEqual({ 1: 1, 2: 2 });
    expect(service.pick()).toBeDefined();
    for (const id of killed) await ensemble.start(id);
    await ensemble.ready();
    await update;
    await eventually(() => first.isPresent && second.isPresent && !service.stale);
    await eventually(() => expect(portsOf(service)).toEqual({ 1: 1, 2: 3 }));
    for (const { instance } of [first, second]) expect((await seen(instance.path))?.port).toBe(instance.port);
  });

  test("2 000 instances, one change: read once, told once; cut off, nothing is told that did not change", async () => {
    const size = 2_000;
    await observer.create(basePath);
    await observer.create(`${basePath}/orders`);
    const ids = Array.from({ length: size }, (_, index) => `${index}`);
    for (let at = 0; at < size; at += 500) {
      const some = ids.slice(at, at + 500);
      await Promise.all(some.map((id) => observer.create(`${basePath}/orders/${id}`, entryOf(id, 1))));
    }
    await client.sync(basePath);
    await using service = await registry.discover("orders");
    expect(service.instances.length).toBe(size);
    const words = await wordsOf(service);
    const requestsBefore = routes.requests;
    await observer.set(`${basePath}/orders/1234`, entryOf("1234", 2));
    await eventually(() => expect(words).toEqual([`snapshot ${size}`, "updated 1234:2"]));
    // One read of it, and the heartbeats of that time.
    expect(routes.requests - requestsBefore).toBeLessThan(50);
    await cut();
    await observer.set(`${basePath}/orders/77`, entryOf("77", 3));
    routes.mode = "pass";
    await eventually(() => !service.stale);
    await eventually(() => expect(words.slice(2)).toEqual(["updated 77:3"]));
    expect(service.instances.length).toBe(size);
  });
});
