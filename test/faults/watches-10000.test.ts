import { type Client, connect } from "@quorate/core";
import { watchOnce } from "@quorate/core/recipe";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { memberOf } from "./support/server-view.ts";

const watches = 10_000;
/** So long that the paths alone are more than the servers take in one request, 1 MB. */
const root = `/${"w".repeat(120)}`;
const paths: readonly string[] = Array.from({ length: watches }, (_, index) => `${root}/${index}`);

let ensemble: ZooKeeperEnsemble;
let routes: Routes;
let client: Client;
let observer: Client;

beforeAll(async () => {
  ensemble = await startEnsemble();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
  client = await connect(routes.connectString, { sessionTimeoutMs: 10_000, retry: false });
  observer = await connect(ensemble.connectString);
  await observer.create(root);
  await changeAll((transaction, path) => transaction.create(path, "0"), paths);
});

afterEach(async () => {
  await client.close();
  await observer.delete(root, { recursive: true });
  await observer.close();
  await routes.close();
});

afterAll(async () => {
  await ensemble?.close();
});

/** Many changes of the observer's, a thousand in one transaction. */
async function changeAll(
  change: (transaction: ReturnType<Client["transaction"]>, path: string) => unknown,
  changed: readonly string[],
): Promise<void> {
  for (let start = 0; start < changed.length; start += 1000) {
    const transaction = observer.transaction();
    for (const path of changed.slice(start, start + 1000)) change(transaction, path);
    await transaction.commit();
  }
}

/** What the member that serves the client counts: all but watches of children, of this client and all others. */
async function watchesAtServer(): Promise<number> {
  const told = await ensemble.fourLetter(await memberOf(ensemble, client), "wchs");
  return Number(/^Total watches:(\d+)$/m.exec(told)?.[1]);
}

/** Away while `during` runs, and back. Returns how many connections and bytes it took to come back. */
async function away(during: () => Promise<void>): Promise<{ readonly connections: number; readonly bytes: number }> {
  const { id } = client.session;
  routes.mode = "refuse";
  routes.cut();
  await eventually(() => client.state === "suspended");
  await during();
  // Every member has it: the one the client comes back to must not tell of it as news.
  await eventually(async () => new Set((await ensemble.status()).map(({ zxid }) => zxid)).size === 1);
  const before = { connections: routes.connections, bytes: routes.requestBytes };
  routes.mode = "pass";
  await eventually(() => client.state === "connected");
  // Behind everything that re-arms.
  await client.sync(root);
  expect(client.session.id).toBe(id);
  return { connections: routes.connections - before.connections, bytes: routes.requestBytes - before.bytes };
}

test("10,000 one-shot watches survive a reconnect; changes made meanwhile are told", async () => {
  const events: string[] = [];
  const missing = paths.map((path) => `${path}-missing`);
  const read = (kind: "data" | "exists" | "children", path: string): Promise<unknown> =>
    watchOnce(client.session, { kind, path }, ({ type }) => events.push(`${type} ${path}`)).reply;
  await Promise.all([
    ...paths.slice(0, 4000).map((path) => read("data", path)),
    ...paths.slice(4000, 8000).map((path) => read("children", path)),
    ...missing.slice(0, 2000).map((path) => read("exists", path)),
  ]);
  expect(await watchesAtServer()).toBe(6000);

  const expected: string[] = [];
  const { connections, bytes } = await away(async () => {
    await changeAll((transaction, path) => transaction.set(path, "1"), paths.slice(0, 500));
    await changeAll((transaction, path) => transaction.delete(path), paths.slice(3500, 4500));
    await changeAll((transaction, path) => transaction.create(`${path}/child`), paths.slice(7000, 7500));
    await changeAll((transaction, path) => transaction.create(path), missing.slice(0, 500));
    expected.push(...paths.slice(0, 500).map((path) => `dataChanged ${path}`));
    expected.push(...paths.slice(3500, 4500).map((path) => `deleted ${path}`));
    expected.push(...paths.slice(7000, 7500).map((path) => `childrenChanged ${path}`));
    expected.push(...missing.slice(0, 500).map((path) => `created ${path}`));
  });
  expect(connections).toBe(1);
  expect(bytes).toBeGreaterThan(1024 * 1024);
  await eventually(() => events.length >= expected.length);
  expect([...events].sort()).toEqual(expected.sort());
  expect(await watchesAtServer()).toBe(6000 - 500 - 500 - 500);

  // All others still stand: each tells of its next change, once.
  events.length = 0;
  await changeAll((transaction, path) => transaction.set(path, "2"), paths.slice(500, 3500));
  await changeAll((transaction, path) => transaction.delete(path), paths.slice(4500, 7000));
  await changeAll((transaction, path) => transaction.create(`${path}/child`), paths.slice(7500, 8000));
  await changeAll((transaction, path) => transaction.create(path), missing.slice(500, 2000));
  await eventually(() => events.length >= watches - expected.length);
  await client.sync(root);
  await client.exists(root);
  expect(new Set(events).size).toBe(watches - expected.length);
  expect(events).toHaveLength(watches - expected.length);
  expect(await watchesAtServer()).toBe(0);
});

test("10,000 persistent watches survive a reconnect: one resync each, then every change once", async () => {
  const all = paths.map((path) => client.watch(path));
  const events = all.map(eventsOf);
  await Promise.all(all.map(({ ready }) => ready));
  expect(await watchesAtServer()).toBe(watches);

  const { connections, bytes } = await away(() =>
    changeAll((transaction, path) => transaction.set(path, "1"), paths.slice(0, 1000)),
  );
  expect(connections).toBe(1);
  expect(bytes).toBeGreaterThan(1024 * 1024);
  await eventually(() => all.every((watch) => watch.current));
  expect(events.every((told) => told.length === 1)).toBe(true);
  expect(await watchesAtServer()).toBe(watches);

  await changeAll((transaction, path) => transaction.set(path, "2"), paths);
  await eventually(() => events.every((told) => told.length >= 2));
  await client.sync(root);
  await client.exists(root);
  expect(events).toEqual(paths.map((path) => [`resync ${path}`, `dataChanged ${path}`]));

  await Promise.all(all.map((watch) => watch.close()));
  await eventually(async () => (await watchesAtServer()) === 0);
});
