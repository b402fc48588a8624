import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, connect } from "@quorate/core";
import type { EmbeddedServer } from "@quorate/testing";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { eventually } from "../../../../test/support/eventually.ts";
import { ConfigTree, ConfigWatcher, type WatcherOptions } from "../../src/index.ts";
import { clientOf, startServer, temporaryDirectory } from "../support/servers.ts";

const schema = z.object({ port: z.number() });
const path = "/app";

let server: EmbeddedServer;
let other: Client;
let file: string;

beforeEach(async () => {
  server = await startServer();
  other = await clientOf(server);
  file = join(await temporaryDirectory(), "app.snapshot");
});

type Options = WatcherOptions & { readonly default?: { readonly port: number } };

function open(client: Client, options: Options = {}): Promise<ConfigWatcher<z.infer<typeof schema>>> {
  return ConfigWatcher.open(client, path, { schema, snapshotFile: file, snapshotAfterMs: 50, ...options });
}

/** A process that ran, and saw this. */
async function ran(data: string): Promise<void> {
  await other.create(path, data);
  const client = await clientOf(server);
  const config = await open(client);
  await config.close();
  await client.close();
}

/** A client that was started while no server could be reached. */
async function startedAlone(): Promise<Client> {
  server.freeze();
  server.dropConnections();
  const client = await connect(server.connectString, { waitForSession: false });
  onTestFinished(() => client.close());
  expect(client.state).toBe("connecting");
  return client;
}

test("serves a start while ZooKeeper is away, stale with its age, until the truth arrives", async () => {
  await ran('{"port": 1}');
  const client = await startedAlone();
  await using config = await open(client);
  expect(config.version).toMatchObject({ value: { port: 1 }, source: "snapshot", stale: true, version: 0 });
  expect([config.stale, config.version.ageMs >= 0, config.ageMs > config.version.ageMs]).toEqual([true, true, true]);
  const versions = config.watch();
  expect((await versions.next()).value).toMatchObject({ stale: true });
  server.thaw();
  expect((await versions.next()).value).toMatchObject({ stale: false, source: "server", value: { port: 1 } });
  await eventually(() => !config.stale);
  expect(config.ageMs).toBe(0);
  await versions.return?.();
  await other.set(path, '{"port": 2}');
  await eventually(() => config.value.port === 2);
});

test("the age counts from when the value was last known to be the newest", async () => {
  await ran('{"port": 1}');
  const record = JSON.parse(await readFile(file, "utf8")) as { body: { savedAtMs: number } };
  expect(Date.now() - record.body.savedAtMs).toBeLessThan(60_000);
  const client = await startedAlone();
  await using config = await open(client);
  expect(config.version.ageMs).toBeLessThan(60_000);
});

test("while a server answers it is not used", async () => {
  await ran('{"port": 1}');
  await other.set(path, '{"port": 2}');
  const client = await clientOf(server);
  await using config = await open(client, { snapshotAfterMs: 60_000 });
  expect(config.version).toMatchObject({ value: { port: 2 }, source: "server", stale: false });
});

test("serves at timeoutMs where that is shorter", async () => {
  await ran('{"port": 1}');
  const client = await startedAlone();
  await using config = await open(client, { snapshotAfterMs: 60_000, timeoutMs: 40 });
  expect(config.version.source).toBe("snapshot");
});

test("stands in for what is invalid at the start, and for a znode that has gone", async () => {
  await ran('{"port": 1}');
  await other.set(path, "{hunter2");
  const client = await clientOf(server);
  await using config = await open(client, { snapshotAfterMs: 60_000 });
  expect(config.version).toMatchObject({ value: { port: 1 }, source: "snapshot", stale: true });
  expect(config.invalid).toMatchObject({ reason: "undecodable", version: 1 });
  await other.delete(path);
  await eventually(() => config.missing);
  await using second = await open(client, { snapshotAfterMs: 60_000 });
  expect([second.value.port, second.missing]).toEqual([1, true]);
});

test("with a default, that there was no znode is remembered too", async () => {
  const first = await clientOf(server);
  const before = await open(first, { default: { port: 9 } });
  await before.close();
  const client = await startedAlone();
  await using config = await open(client, { default: { port: 8 } });
  expect(config.version).toMatchObject({ value: { port: 8 }, source: "default", stale: true });
});

test("one that is corrupted, or does not fit, is ignored and reported; without ZooKeeper there is no value then", async () => {
  await ran('{"port": 1}');
  await writeFile(file, (await readFile(file, "utf8")).slice(0, -9));
  const client = await startedAlone();
  await expect(open(client, { timeoutMs: 100 })).rejects.toMatchObject({ code: "TIMEOUT" });
  server.thaw();
  await using config = await open(client);
  expect(config.snapshotError).toMatchObject({ code: "CONFIG_SNAPSHOT", file });
  await other.set(path, '{"port": "hunter2"}');
  await eventually(() => config.invalid !== undefined);
  expect(await readFile(file, "utf8")).not.toContain(Buffer.from("hunter2").toString("base64"));
});

test("a schema that has changed since is asked", async () => {
  await ran('{"port": 1}');
  const client = await startedAlone();
  const stricter = z.object({ port: z.number().min(1024) });
  await expect(
    ConfigWatcher.open(client, path, { schema: stricter, snapshotFile: file, snapshotAfterMs: 10, timeoutMs: 100 }),
  ).rejects.toMatchObject({ code: "TIMEOUT" });
});

test("a file that cannot be written is reported, and all else goes on", async () => {
  await other.create(path, '{"port": 1}');
  const client = await clientOf(server);
  await writeFile(file, "a file, no directory");
  await using config = await open(client, { snapshotFile: join(file, "app.snapshot") });
  await eventually(() => config.snapshotError !== undefined);
  const errors: string[] = [];
  config.on("snapshotError", ({ code }) => errors.push(code));
  await other.set(path, '{"port": 2}');
  await eventually(() => config.value.port === 2 && errors.length >= 2);
});

test("a value in memory is stale while no server is connected, and its age counts from then", async () => {
  await other.create(path, '{"port": 1}');
  const client = await clientOf(server);
  await using config = await open(client);
  expect([config.stale, config.ageMs]).toEqual([false, 0]);
  server.freeze();
  server.dropConnections();
  await eventually(() => config.stale && config.ageMs > 0);
  expect([config.value.port, config.version.stale]).toEqual([1, false]);
  server.thaw();
  await eventually(() => !config.stale);
});

test("a tree has one too", async () => {
  await other.create("/t/a/b", "1", { parents: true });
  await other.create("/u/a/c", "2", { parents: true });
  const options = { snapshotFile: file, snapshotAfterMs: 50 };
  const first = await clientOf(server);
  const before = await ConfigTree.open(first, ["/t", "/u"], options);
  await before.close();
  const client = await startedAlone();
  await using tree = await ConfigTree.open(client, ["/t", "/u"], options);
  expect(tree.version).toMatchObject({ value: { a: { b: 1, c: 2 } }, source: "snapshot", stale: true });
  const versions = tree.watch();
  await versions.next();
  server.thaw();
  expect((await versions.next()).value).toMatchObject({ stale: false, changes: [] });
  await versions.return?.();
});
