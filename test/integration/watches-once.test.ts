import { type Client, connect } from "@quorate/core";
import { watchOnce } from "@quorate/core/recipe";
import type { FaultProxy } from "@quorate/testing";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { observing } from "../support/observing.ts";
import { ownPath } from "../support/own-path.ts";
import { follow } from "../support/watching.ts";
import { ask, proxyTo } from "../support/wire.ts";

const server = inject("zookeeper").members[0] as string;

let proxy: FaultProxy;
let client: Client;
let other: Client;
let path: string;
let told: string[];

beforeEach(async () => {
  proxy = await proxyTo(server);
  client = await connect(proxy.connectString);
  other = await connect(server, observing);
  path = await ownPath(other);
  told = [];
});

afterEach(async () => {
  await client.close();
  await other.close();
  await proxy.close();
});

function once(kind: "data" | "exists" | "children", where = path) {
  return watchOnce(client.session, { kind, path: where }, ({ type }) => told.push(`${kind} ${type}`));
}

test("tells of one change, in its session, and of no other", async () => {
  const shots = (["data", "exists", "children"] as const).map((kind) => once(kind));
  await Promise.all(shots.map(({ reply }) => reply));
  await other.create(`${path}/a`);
  await eventually(() => told.length === 1);
  await other.set(path, "1");
  await eventually(() => told.length === 3);
  await other.delete(path, { recursive: true });
  await client.sync("/");
  await client.exists("/");
  expect(told).toEqual(["children childrenChanged", "data dataChanged", "exists dataChanged"]);
});

test("cancelled, it leaves no watch at the server", async () => {
  const { reply, cancel } = once("exists", `${path}/awaited`);
  expect(await reply).toBeUndefined();
  const isWatched = async (): Promise<boolean> => (await ask(server, "wchp")).includes(path);
  expect(await isWatched()).toBe(true);
  cancel();
  await eventually(async () => !(await isWatched()));
  await other.create(`${path}/awaited`);
  await client.exists("/");
  expect(told).toEqual([]);
});

test("finds the change that happened while the connection was away", async () => {
  await once("exists").reply;
  proxy.mode = "refuse";
  proxy.cut();
  await eventually(() => client.state === "suspended");
  await other.set(path, "1");
  proxy.mode = "pass";
  await eventually(() => told.length === 1);
  expect(told).toEqual(["exists dataChanged"]);
});

test.each(["node", "recursive"] as const)(
  "beside a %s watch of the path takes nothing from it, nor loses anything",
  async (mode) => {
    const before = once("children");
    await before.reply;
    const watch = client.watch(path, { mode });
    const seen = follow(watch);
    await watch.ready;
    const [data, list] = [once("data"), once("children")];
    await Promise.all([data.reply, list.reply]);
    for (const value of ["1", "2", "3"]) await other.set(path, value);
    await other.create(`${path}/a`);
    await eventually(() => told.length === 3);
    expect([...told].sort()).toEqual(["children childrenChanged", "children childrenChanged", "data dataChanged"]);
    await other.set(path, "4");
    await eventually(() => seen.filter((event) => event === `dataChanged ${path}`).length === 4);
    once("data").cancel();
    await other.set(path, "5");
    await eventually(() => seen.filter((event) => event === `dataChanged ${path}`).length === 5);
  },
);

test("relying on a watch finds the change that happened while the connection was away", async () => {
  const watch = client.watch(path, { mode: "recursive" });
  await watch.ready;
  await Promise.all([once("data").reply, once("children").reply, once("exists", path).reply]);
  proxy.mode = "refuse";
  proxy.cut();
  await eventually(() => client.state === "suspended");
  await other.create(`${path}/a`);
  proxy.mode = "pass";
  await eventually(() => told.length === 1);
  await other.set(path, "1");
  await eventually(() => told.length === 3);
  expect([...told].sort()).toEqual(["children childrenChanged", "data dataChanged", "exists dataChanged"]);
});

test("goes on when the watch it relied on is closed", async () => {
  const watch = client.watch(path);
  await once("data").reply;
  await watch.close();
  await other.set(path, "1");
  await eventually(() => told.length === 1);
  await eventually(async () => !(await ask(server, "wchp")).includes(path));
});
