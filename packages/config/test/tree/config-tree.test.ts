import { type Client, connect } from "@quorate/core";
import type { EmbeddedServer } from "@quorate/testing";
import { beforeEach, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { eventually } from "../../../../test/support/eventually.ts";
import { shown } from "../../../../test/support/failures.ts";
import { ConfigTree, ConfigWatcher, type TreeVersion } from "../../src/index.ts";
import { clientOf, startServer } from "../support/servers.ts";

const schema = z.object({
  db: z.object({ host: z.string(), port: z.number() }),
  limits: z.record(z.string(), z.number()).default({}),
});

let server: EmbeddedServer;
let client: Client;
let other: Client;

beforeEach(async () => {
  server = await startServer();
  client = await clientOf(server);
  other = await clientOf(server);
});

async function put(values: Record<string, string>): Promise<void> {
  for (const [path, data] of Object.entries(values)) await other.create(path, data, { parents: true });
}

function versionsOf<T>(tree: ConfigTree<T>): TreeVersion<T>[] {
  const versions: TreeVersion<T>[] = [];
  void (async () => {
    for await (const version of tree.watch()) versions.push(version);
  })();
  return versions;
}

test("a subtree is one nested, validated, typed object", async () => {
  await put({ "/c/db/host": '"a"', "/c/db/port": "1" });
  await using tree = await ConfigTree.open(client, "/c", { schema });
  expect(tree.value).toEqual({ db: { host: "a", port: 1 }, limits: {} });
  expectTypeOf(tree.value).toEqualTypeOf<{ db: { host: string; port: number }; limits: Record<string, number> }>();
  expect(Object.isFrozen(tree.value.db)).toBe(true);
  expect(tree.paths).toEqual(["/c"]);
});

test("changes are told key by key", async () => {
  await put({ "/c/db/host": '"a"', "/c/db/port": "1", "/c/limits/x": "1" });
  await using tree = await ConfigTree.open(client, "/c", { schema });
  const heard: string[] = [];
  tree.on("change", ({ changes }) => heard.push(...changes.map(({ type, path }) => `${type} ${path.join(".")}`)));
  const versions = versionsOf(tree);
  await other.set("/c/db/port", "2");
  await eventually(() => versions.length === 2);
  expect(versions[1]?.changes).toEqual([{ type: "changed", path: ["db", "port"], before: 1, after: 2 }]);
  await other.create("/c/limits/y", "5");
  await eventually(() => versions.length === 3);
  await other.delete("/c/limits/x");
  await eventually(() => versions.length === 4);
  expect(heard).toEqual(["changed db.port", "added limits.y", "removed limits.x"]);
});

test("what one transaction changed is seen at once, in all layers", async () => {
  await put({ "/g/a": "0", "/g/b": "0", "/s/c": "0" });
  await using tree = await ConfigTree.open(client, ["/g", "/s"]);
  const versions = versionsOf(tree);
  const writes: Promise<unknown>[] = [];
  for (let round = 1; round <= 200; round++) {
    const data = String(round);
    writes.push(other.transaction().set("/g/a", data).set("/s/c", data).set("/g/b", data).commit());
    if (round % 10 > 0) continue;
    await Promise.all(writes.splice(0));
    await eventually(() => tree.value["a"] === round);
  }
  await eventually(() => versions.at(-1)?.value["a"] === 200);
  expect(versions.length).toBeGreaterThan(2);
  for (const { value } of versions) expect([value["b"], value["c"]]).toEqual([value["a"], value["a"]]);
});

test("half of a transaction is not shown even where the other half takes a new connection to be read", async () => {
  await put({ "/g/a": "0", "/s/c": "0" });
  await using tree = await ConfigTree.open(client, ["/g", "/s"]);
  const versions = versionsOf(tree);
  for (let round = 1; round <= 5; round++) {
    const drop = server.failNext({ op: "getData", path: "/s/c", when: "before" });
    await other.transaction().set("/g/a", `${round}`).set("/s/c", `${round}`).commit();
    expect(await drop.settled).toBe("dropped");
    await eventually(() => tree.value["c"] === round);
  }
  for (const { value } of versions) expect(value["c"]).toBe(value["a"]);
});

test("layers go over one another, the default lowest, and missing ones add nothing", async () => {
  await put({ "/global/db": '{"host": "a", "port": 1}', "/service/db/port": "2" });
  await using tree = await ConfigTree.open(client, ["/global", "/service", "/instance"], {
    schema,
    default: { db: { host: "z" }, limits: { x: 1 } },
  });
  expect(tree.value).toEqual({ db: { host: "a", port: 2 }, limits: { x: 1 } });
  const versions = versionsOf(tree);
  await put({ "/instance/db/host": '"i"' });
  await eventually(() => tree.value.db.host === "i");
  await other.set("/global/db", '{"host": "hidden", "port": 1}');
  await other.delete("/instance/db/host");
  await eventually(() => tree.value.db.host === "hidden");
  expect(versions.every(({ changes }, index) => index === 0 || changes.length > 0)).toBe(true);
});

test("an invalid state is reported with its keys; the last good one stays as a whole", async () => {
  await put({ "/c/db/host": '"a"', "/c/db/port": "1" });
  await using tree = await ConfigTree.open(client, "/c", { schema });
  await other.transaction().set("/c/db/port", '"hunter2"').set("/c/db/host", '"b"').commit();
  await eventually(() => tree.invalid !== undefined);
  expect(tree.invalid).toMatchObject({ reason: "schema", issues: [{ path: ["db", "port"] }] });
  expect(tree.value.db).toEqual({ host: "a", port: 1 });
  await other.set("/c/db/port", "{hunter2");
  await eventually(() => tree.invalid?.reason === "undecodable");
  expect(tree.invalid?.issues).toEqual([{ path: ["db", "port"], message: "is not valid JSON" }]);
  expect(shown(tree.invalid)).not.toContain("hunter2");
  await other.set("/c/db/port", "2");
  await eventually(() => tree.value.db.port === 2);
  expect([tree.value.db.host, tree.invalid]).toEqual(["b", undefined]);
});

test("waits for a root, and keeps the last good value when all are gone", async () => {
  const opening = ConfigTree.open(client, ["/g", "/s"]);
  await put({ "/s/a": "1" });
  await using tree = await opening;
  expect(tree.value).toEqual({ a: 1 });
  await other.delete("/s", { recursive: true });
  await eventually(() => tree.missing);
  expect(tree.value).toEqual({ a: 1 });
});

test("histories are no keys", async () => {
  await put({ "/c/app": '{"n": 1}' });
  await using tree = await ConfigTree.open(client, "/c");
  await using config = await ConfigWatcher.open(client, "/c/app", { history: 3 });
  await config.set({ n: 2 });
  await eventually(() => (tree.value["app"] as { n: number }).n === 2);
  expect(Object.keys(tree.value)).toEqual(["app"]);
});

test("follows over lost sessions, a root deleted and made again, and under a chroot", async () => {
  await put({ "/c/x/a": "1" });
  await using rooted = await connect(`${server.connectString}/c`);
  await using tree = await ConfigTree.open(rooted, "/x");
  server.expireSession(rooted.session.id);
  await other.delete("/c/x", { recursive: true });
  await put({ "/c/x/b": "2" });
  await eventually(() => tree.value["b"] === 2);
  expect(tree.value).toEqual({ b: 2 });
  await tree.close();
  await eventually(() => server.stats.watches === 0);
});

test.each([[[]], ["no-slash"], [["/a", "no-slash"]]])("refuses %o", async (paths) => {
  await expect(ConfigTree.open(client, paths)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
