import { type Client, connect, type Transport, wireDriver } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { netTransport } from "../../packages/core/src/transport/net-transport.ts";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { ending, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { memberOf } from "./support/server-view.ts";

let ensemble: ZooKeeperEnsemble;
let routes: Routes;
let names: Map<string, () => Promise<readonly string[]>>;
/** How often each name was asked for. */
let lookups: Map<string, number>;

beforeAll(async () => {
  ensemble = await startEnsemble();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
  names = new Map();
  lookups = new Map();
});

afterEach(async () => {
  await routes.close();
});

afterAll(async () => {
  await ensemble?.close();
});

/** The address under which `transport` reaches a member: names lead to addresses, and these to the members' ports here. */
function addressOf(id: number): string {
  return `192.0.2.${id}`;
}

/** TCP, with a DNS of the test's own. */
const transport: Transport = {
  resolve: (host) => {
    lookups.set(host, (lookups.get(host) ?? 0) + 1);
    return names.get(host)?.() ?? Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`));
  },
  connect: (target, events) => {
    const { host, port } = routes.to(Number(target.address.split(".").at(-1)));
    return netTransport.connect({ ...target, address: host, port }, events);
  },
};

function connectTo(servers: string, options: { readonly connectTimeoutMs?: number } = {}): Promise<Client> {
  const driver = wireDriver({ transport });
  return connect(servers, { driver, sessionTimeoutMs: 10_000, attemptTimeoutMs: 300, ...options });
}

test("a name is asked for at every reconnect: the session follows it to another member", async () => {
  names.set("zk", async () => [addressOf(1)]);
  await using client = await connectTo("zk:2181");
  const { id } = client.session;
  expect(await memberOf(ensemble, client)).toBe(1);
  for (const next of [2, 3, 1]) {
    names.set("zk", async () => [addressOf(next)]);
    const before = lookups.get("zk") ?? 0;
    routes.cut();
    await eventually(() => (lookups.get("zk") ?? 0) > before);
    await client.whenConnected();
    expect(await client.exists("/")).toBeDefined();
    await eventually(async () => (await memberOf(ensemble, client)) === next);
  }
  expect(client.session.id).toBe(id);
});

test("every address of a name is tried", async () => {
  routes.to(1).mode = "refuse";
  routes.to(2).mode = "blackhole";
  names.set("zk", async () => [1, 2, 3].map(addressOf));
  for (let round = 0; round < 3; round++) {
    await using client = await connectTo("zk:2181");
    expect(await memberOf(ensemble, client)).toBe(3);
  }
});

test("a name whose lookup hangs holds nobody up, and is not asked for twice at once", async () => {
  names.set("hanging", () => new Promise(() => {}));
  names.set("zk", async () => [addressOf(2)]);
  await using client = await connectTo("hanging:2181,zk:2181");
  const before = lookups.get("hanging") ?? 0;
  routes.mode = "refuse";
  routes.cut();
  const refused = lookups.get("zk") ?? 0;
  await eventually(() => (lookups.get("zk") ?? 0) > refused + 3);
  expect((lookups.get("hanging") ?? 0) - before).toBeLessThanOrEqual(1);
  routes.mode = "pass";
  await client.whenConnected();
  expect(await memberOf(ensemble, client)).toBe(2);
});

test("no name can be looked up for a while: suspended, then the same session", async () => {
  names.set("zk", async () => [addressOf(1)]);
  await using client = await connectTo("zk:2181");
  const states = statesOf(client);
  const { id } = client.session;
  await client.create("/dns-mine", "", { mode: "ephemeral" });
  names.delete("zk");
  const before = lookups.get("zk") ?? 0;
  routes.cut();
  await eventually(() => (lookups.get("zk") ?? 0) > before + 3);
  expect(client.state).toBe("suspended");
  names.set("zk", async () => [addressOf(3)]);
  expect((await client.exists("/dns-mine"))?.ephemeralOwner).toBe(id);
  expect(states).toEqual(["connected", "suspended", "connected"]);
});

test("all lookups hang or fail: connect rejects, naming each", async () => {
  names.set("hanging", () => new Promise(() => {}));
  names.set("empty", async () => []);
  const failed = await ending(connectTo("hanging:2181,empty:2182,unknown:2183", { connectTimeoutMs: 1_500 }));
  const attempts = "error" in failed ? (failed.error as Error & { attempts?: readonly object[] }).attempts : [];
  expect(attempts).toHaveLength(3);
  expect(failed).toMatchObject({ error: { code: "CONNECT" } });
  expect(new Map(attempts?.map((attempt) => Object.values(attempt) as [string, Error]))).toEqual(
    new Map([
      ["hanging:2181", expect.objectContaining({ code: "TIMEOUT" })],
      ["empty:2182", expect.objectContaining({ message: expect.stringContaining("no address of empty") })],
      ["unknown:2183", expect.objectContaining({ message: expect.stringContaining("ENOTFOUND unknown") })],
    ]),
  );
});
