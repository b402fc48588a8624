import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ConfigTree, ConfigWatcher } from "@quorate/config";
import { type Client, connect } from "@quorate/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Servers, startServers } from "../support/servers.ts";

const updates = 10_000;
const sessions = 200;

let ensemble: Servers;
let observer: Client;
let count = 0;

beforeAll(async () => {
  ensemble = await startServers();
  observer = await connect(ensemble.connectString);
});

afterAll(async () => {
  await observer?.close();
  await ensemble?.close();
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that are still in use once all garbage is gone. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function storm(write: (n: number) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < updates; start += 200) {
    await Promise.all(Array.from({ length: 200 }, (_, index) => write(start + index + 1)));
  }
}

test("a storm of 10,000 updates: the newest arrives, also at a reader that was asleep, and nothing piles up", async () => {
  const path = `/storm-${count++}`;
  const padding = "x".repeat(2_000);
  const data = (n: number): string => JSON.stringify({ n, padding });
  await observer.create(path, data(0));
  await using client = await connect(ensemble.connectString);
  await using config = await ConfigWatcher.open(client, path);
  const valueOf = (value: unknown): number => (value as { readonly n: number }).n;
  const asleep = config.watch();
  expect(valueOf((await asleep.next()).value?.value)).toBe(0);
  let newest = 0;
  let seen = 0;
  config.on("change", ({ value }) => {
    const n = valueOf(value);
    expect(n).toBeGreaterThan(newest);
    newest = n;
    seen++;
  });
  const before = heapUsed();
  let most = 0;
  await storm(async (n) => {
    await observer.set(path, data(n));
    if (n % 1_000 === 0) most = Math.max(most, heapUsed() - before);
  });
  await eventually(() => valueOf(config.value) === updates);
  expect(newest).toBe(updates);
  expect(seen).toBeGreaterThan(1);
  expect(valueOf((await asleep.next()).value?.value)).toBe(updates);
  await asleep.return?.();
  // All of them would be 20 MB, as bytes alone.
  expect(most).toBeLessThan(10e6);
});

test("a storm of 10,000 updates over 50 keys: the tree ends as the server does", async () => {
  const root = `/storm-${count++}`;
  const creating = observer.transaction().create(root);
  for (let key = 0; key < 50; key++) creating.create(`${root}/k${key}`, "0");
  await creating.commit();
  await using client = await connect(ensemble.connectString);
  await client.sync(root);
  await using tree = await ConfigTree.open(client, root);
  await storm((n) => observer.set(`${root}/k${n % 50}`, String(n)));
  const expected = Object.fromEntries(
    Array.from({ length: 50 }, (_, key) => [`k${key}`, updates - ((updates - key) % 50)]),
  );
  await eventually(() => tree.value["k0"] === updates);
  await eventually(() => {
    expect(tree.value).toEqual(expected);
    return true;
  });
});

test("200 sessions watch one znode: one change reaches each of them, once", async () => {
  const path = `/storm-${count++}`;
  await observer.create(path, "0");
  const clients = await Promise.all(Array.from({ length: sessions }, () => connect(ensemble.connectString)));
  try {
    const configs = await Promise.all(
      clients.map((client) => ConfigWatcher.open(client, path, { default: -1 as unknown })),
    );
    const heard = configs.map(() => 0);
    configs.forEach((config, index) => config.on("change", () => (heard[index] = (heard[index] ?? 0) + 1)));
    await observer.set(path, "1");
    await eventually(() => configs.every(({ value }) => value === 1));
    expect(heard.every((times) => times === 1)).toBe(true);
    expect(configs.some(({ stale }) => stale)).toBe(false);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
});
