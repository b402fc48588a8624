import { type Acl, type Client, digestAcl } from "@quorate/core";
import type { EmbeddedServer } from "@quorate/testing";
import { beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { eventually } from "../../../../test/support/eventually.ts";
import { ConfigWatcher } from "../../src/index.ts";
import { clientOf, startServer } from "../support/servers.ts";

const schema = z.object({ n: z.number() });
const path = "/config/app";
const head = "/config/.history/app";

let server: EmbeddedServer;
let client: Client;
let other: Client;

beforeEach(async () => {
  server = await startServer();
  client = await clientOf(server);
  other = await clientOf(server);
  await other.create(path, '{"n": 0}', { parents: true });
});

function open(options: { history?: number | { keep: number; path?: string }; author?: string } = {}, by = client) {
  return ConfigWatcher.open(by, path, { schema, history: 3, author: "ann", ...options });
}

async function entries(): Promise<string[]> {
  return Promise.all(
    (await other.children(head))
      .sort()
      .map(async (name) => `${name} ${Buffer.from((await other.get(`${head}/${name}`)).data ?? []).toString()}`),
  );
}

test("the last versions are kept, with who wrote them and when, by the same transaction", async () => {
  await using config = await open();
  for (let n = 1; n <= 4; n++) await config.set({ n });
  expect(await entries()).toEqual(['0000000003 {"n":2}', '0000000004 {"n":3}', '0000000005 {"n":4}']);
  const kept = await config.history();
  expect(kept.map(({ version, value, author }) => [version, value?.n, author])).toEqual([
    [4, 4, "ann"],
    [3, 3, "ann"],
    [2, 2, "ann"],
  ]);
  const { stat } = await other.get(path);
  expect(kept[0]).toMatchObject({ mzxid: stat.mzxid, time: new Date(Number(stat.mtime)) });
  expect((await other.exists(`${head}/0000000005`))?.czxid).toBe(stat.mzxid);
  expect(kept[1]?.mzxid).toBe(stat.mzxid - 1n);
  expect(config.version.author).toBe("ann");
});

test("a watcher with history is told the author of others' changes, and of none where it is not known", async () => {
  await using writer = await open({ author: "bob" }, other);
  await using config = await open();
  await writer.set({ n: 1 });
  await eventually(() => config.value.n === 1);
  expect(config.version.author).toBe("bob");
  await other.set(path, '{"n": 2}');
  await eventually(() => config.value.n === 2);
  expect(config.version.author).toBeUndefined();
});

test("what was written past the history is taken in", async () => {
  await using config = await open({ history: 10 });
  await config.set({ n: 1 });
  const { mzxid } = await other.set(path, '{"n": 2}');
  expect((await config.history()).map(({ version }) => version)).toEqual([2, 1, 0]);
  await config.set({ n: 3 });
  const kept = await config.history();
  expect(kept.map(({ version, author }) => [version, author])).toEqual([
    [3, "ann"],
    [2, undefined],
    [1, "ann"],
    [0, undefined],
  ]);
  expect(kept[1]?.mzxid).toBe(mzxid);
});

test("rollback() writes an earlier version's bytes again", async () => {
  await using config = await open({ history: 10 });
  await other.set(path, '{ "n":   1 }');
  await config.set({ n: 2 });
  const [, first] = await config.history();
  const version = await config.rollback(1);
  expect(version).toMatchObject({ value: { n: 1 }, version: 3, author: "ann" });
  expect(Buffer.from((await other.get(path)).data ?? []).toString()).toBe('{ "n":   1 }');
  expect(config.value).toEqual({ n: 1 });
  expect((await config.history())[0]?.rollbackOf).toBe(first?.mzxid);
  const [, second] = await config.history();
  await config.rollback(second as { mzxid: bigint });
  expect(config.value).toEqual({ n: 2 });
  await config.rollback(second?.mzxid as bigint);
  expect((await other.exists(path))?.version).toBe(5);
});

test("rolling back to the newest changes nothing; to one that is not kept, or does not fit, is refused", async () => {
  await using config = await open({ history: 2 });
  await config.set({ n: 1 });
  expect((await config.rollback(1)).version).toBe(1);
  await expect(config.rollback(7)).rejects.toMatchObject({ code: "VERSION_NOT_KEPT", path });
  await other.set(path, '{"n": "hunter2"}');
  await config.set({ n: 2 });
  await expect(config.rollback(2)).rejects.toMatchObject({ code: "CONFIG_INVALID", path });
  expect((await config.history()).map(({ value }) => value)).toEqual([{ n: 2 }, undefined]);
  expect((await other.exists(path))?.version).toBe(3);
});

test("a znode deleted can be rolled back", async () => {
  await using config = await open({ history: 5 });
  await config.set({ n: 1 });
  await other.delete(path);
  await eventually(() => config.missing);
  await config.rollback(1);
  expect(config.value).toEqual({ n: 1 });
  expect((await config.history()).map(({ version }) => version)).toEqual([0, 1, 0]);
});

test("writers that keep different numbers, and meet, never break the transaction", async () => {
  await using config = await open({ history: 2 });
  await using second = await open({ history: 6, author: "bob" }, other);
  const writing = [config, second].flatMap((one) =>
    Array.from({ length: 15 }, () => one.update((draft) => void draft.n++)),
  );
  await Promise.all(writing);
  await eventually(() => config.value.n === 30);
  const { stat } = await other.get(path);
  const [newest] = await config.history();
  expect([newest?.value, newest?.mzxid]).toEqual([{ n: 30 }, stat.mzxid]);
  expect((await other.children(head)).length).toBeLessThanOrEqual(6);
});

test("survives a damaged or deleted head, and entries deleted by hand", async () => {
  await using config = await open({ history: 3 });
  for (let n = 1; n <= 3; n++) await config.set({ n });
  await other.delete(`${head}/0000000003`);
  await config.set({ n: 4 });
  expect((await config.history()).map(({ value }) => value?.n)).toEqual([4, 3]);
  await other.set(head, "{}");
  await config.set({ n: 5 });
  expect((await config.history()).map(({ value }) => value?.n)).toEqual([5, 4]);
  expect(await entries()).toHaveLength(2);
  await other.delete(head, { recursive: true });
  await config.set({ n: 6 });
  expect((await config.history()).map(({ value }) => value?.n)).toEqual([6, 5]);
});

test("the history is no more readable than the znode", async () => {
  const auth = { scheme: "digest", username: "app", password: "secret" } as const;
  const acl: Acl[] = [digestAcl("app", "secret")];
  await client.addAuth(auth);
  await other.create("/config/hidden", '{"n": 1}', { acl });
  await using config = await ConfigWatcher.open(client, "/config/hidden", { schema, history: 3 });
  await config.set({ n: 2 });
  for (const at of ["/config/.history/hidden", "/config/.history/hidden/0000000001"]) {
    await expect(other.get(at)).rejects.toMatchObject({ code: "NO_AUTH" });
    expect((await client.get(at)).data).not.toBeNull();
  }
  await client.delete("/config/hidden");
  await config.rollback(0);
  await expect(other.get("/config/hidden")).rejects.toMatchObject({ code: "NO_AUTH" });
  expect(config.value).toEqual({ n: 1 });
});

test("can be kept elsewhere", async () => {
  await using config = await open({ history: { keep: 2, path: "/elsewhere/app" } });
  await config.set({ n: 1 });
  expect(await other.children("/elsewhere/app")).toHaveLength(2);
  expect(await other.exists(head)).toBeUndefined();
});

test("without the option there is none", async () => {
  await using config = await ConfigWatcher.open(client, path, { schema });
  await expect(config.history()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(config.rollback(0)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
