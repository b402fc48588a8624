import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigTree, ConfigWatcher, type InvalidConfig } from "@quorate/config";
import { type Client, connect, digestAcl } from "@quorate/core";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { shown } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";
import { watchersBelow } from "../support/watched-paths.ts";

const { members } = inject("zookeeper");

/** Each at a member of its own. */
let clients: Client[];
let observer: Client;
let root: string;
let path: string;

beforeEach(async () => {
  clients = [];
  observer = await connectTo(0);
  root = await ownPath(observer);
  path = `${root}/app`;
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
});

async function connectTo(member: number): Promise<Client> {
  const client = await connect(members[member % members.length] as string);
  clients.push(client);
  return client;
}

interface Settings {
  readonly n: number;
}

/** Of the value and nothing else: what schema libraries do is tested with the package. */
const schema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) =>
      typeof (value as Settings | null)?.n === "number"
        ? { value: value as Settings }
        : { issues: [{ message: `is ${JSON.stringify(value)}`, path: ["n"] }] },
    types: undefined as { readonly input: Settings; readonly output: Settings } | undefined,
  },
} as const;

async function stored(at: string = path): Promise<string> {
  await observer.sync(at);
  return Buffer.from((await observer.get(at)).data ?? []).toString();
}

describe("a watcher", () => {
  test("follows a change made through another member, from the znode's creation to its end and back", async () => {
    const client = await connectTo(1);
    const opening = ConfigWatcher.open(client, path, { schema });
    await observer.create(path, '{"n": 0}');
    await using config = await opening;
    const versions: { mzxid: bigint; version: number; n: number }[] = [];
    config.on("change", ({ mzxid, version, value }) => versions.push({ mzxid, version, n: value.n }));
    const set = await observer.set(path, '{"n": 1}');
    await eventually(() => config.value.n === 1);
    await observer.delete(path);
    await eventually(() => config.missing);
    expect(config.value.n).toBe(1);
    const created = await observer.create(path, '{"n": 2}');
    await eventually(() => config.value.n === 2);
    expect(versions).toEqual([
      { mzxid: set.mzxid, version: 1, n: 1 },
      { mzxid: created.stat.mzxid, version: 0, n: 2 },
    ]);
  });

  test("keeps the last good value over an invalid change, and shows nothing of that", async () => {
    await observer.create(path, '{"n": 0}');
    await using config = await ConfigWatcher.open(await connectTo(1), path, { schema });
    const invalid: InvalidConfig[] = [];
    config.on("invalid", (event) => invalid.push(event));
    const { mzxid } = await observer.set(path, '{"n": "hunter2"}');
    await eventually(() => invalid.length === 1);
    expect(invalid[0]).toMatchObject({ version: 1, mzxid, reason: "schema", issues: [{ path: ["n"] }] });
    expect(shown(invalid)).not.toContain("hunter2");
    expect([config.value.n, config.stale]).toEqual([0, false]);
  });

  test.each([undefined, 4])("writers at all members lose no update (history %s)", async (history) => {
    await observer.create(path, '{"n": 0}');
    const configs = await Promise.all(
      [0, 1, 2].map(async (member) => ConfigWatcher.open(await connectTo(member), path, { schema, history })),
    );
    const updates = configs.flatMap((config) =>
      Array.from({ length: 8 }, () => config.update(({ n }) => ({ n: n + 1 }))),
    );
    await Promise.all(updates);
    expect(JSON.parse(await stored())).toEqual({ n: 24 });
    await eventually(() => configs.every(({ value }) => value.n === 24));
    await Promise.all(configs.map((config) => config.close()));
  });

  test("has what it wrote as soon as it was written", async () => {
    await using config = await ConfigWatcher.open(await connectTo(1), `${path}/deep`, { schema, default: { n: 5 } });
    for (let n = 6; n < 26; n++) {
      const written = await config.update((draft) => ({ n: draft.n + 1 }));
      expect(config.version).toEqual(written);
      expect(config.value.n).toBe(n);
    }
  });

  test("leaves no watch behind", async () => {
    await observer.create(path, '{"n": 0}');
    const client = await connectTo(1);
    const config = await ConfigWatcher.open(client, path, { schema, history: 2 });
    const tree = await ConfigTree.open(client, root);
    await eventually(async () => (await watchersBelow(members, root)).size > 0);
    await config.close();
    await tree.close();
    await eventually(async () => (await watchersBelow(members, root)).size === 0);
  });

  test("a snapshot serves a start without ZooKeeper", async () => {
    const directory = await mkdtemp(join(tmpdir(), "quorate-config-"));
    const options = { schema, snapshotFile: join(directory, "app"), snapshotAfterMs: 100 };
    try {
      await observer.create(path, '{"n": 7}');
      const before = await ConfigWatcher.open(await connectTo(1), path, options);
      await before.close();
      expect(JSON.parse(await readFile(options.snapshotFile, "utf8"))).toHaveProperty("sha256");
      await using alone = await connect("127.0.0.1:1", { waitForSession: false });
      await using config = await ConfigWatcher.open(alone, path, options);
      expect(config.version).toMatchObject({ value: { n: 7 }, stale: true, source: "snapshot" });
      alone.setServers(members[0] as string);
      await eventually(() => !config.version.stale && !config.stale);
      expect(config.version.mzxid).toBe((await observer.exists(path))?.mzxid);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("the history", () => {
  test("is written in the transaction of the value, bounded, and leads back", async () => {
    await observer.create(path, '{"n": 0}');
    await using config = await ConfigWatcher.open(await connectTo(1), path, { schema, history: 3, author: "ann" });
    await using other = await ConfigWatcher.open(await connectTo(2), path, { schema, history: 3, author: "bob" });
    for (let n = 1; n <= 3; n++) await (n % 2 === 0 ? other : config).set({ n });
    await observer.sync(path);
    const head = `${root}/.history/app`;
    const names = (await observer.children(head)).sort();
    expect(names).toHaveLength(3);
    const node = await observer.exists(path);
    expect((await observer.exists(`${head}/${names[2]}`))?.czxid).toBe(node?.mzxid);
    expect((await observer.exists(head))?.mzxid).toBe(node?.mzxid);
    const kept = await config.history();
    expect(kept.map(({ version, author, value }) => [version, author, value?.n])).toEqual([
      [3, "ann", 3],
      [2, "bob", 2],
      [1, "ann", 1],
    ]);
    await config.rollback(1);
    expect(JSON.parse(await stored())).toEqual({ n: 1 });
    await eventually(() => other.value.n === 1 && other.version.author === "ann");
  });

  test("has the znode's ACL; where that is hidden it has to be given", async () => {
    const client = await connectTo(1);
    const acl = [digestAcl("app", "secret")];
    await client.addAuth({ scheme: "digest", username: "app", password: "secret" });
    await client.create(path, '{"n": 0}', { acl });
    await using config = await ConfigWatcher.open(client, path, { schema, history: 3 });
    await config.set({ n: 1 });
    await observer.sync(root);
    const [name] = await client.children(`${root}/.history/app`);
    await expect(observer.get(`${root}/.history/app/${name}`)).rejects.toMatchObject({ code: "NO_AUTH" });

    // Everything but the right to see and change the ACL.
    const writable = [digestAcl("app", "secret", 0b01111), digestAcl("admin", "secret")];
    await client.create(`${root}/written`, '{"n": 0}', { acl: writable });
    await using written = await ConfigWatcher.open(client, `${root}/written`, { schema, history: 3 });
    await expect(written.set({ n: 1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await using given = await ConfigWatcher.open(client, `${root}/written`, { schema, history: 3, acl: writable });
    await given.set({ n: 1 });
    expect(await client.children(`${root}/.history/written`)).toHaveLength(2);
  });
});

describe("a tree", () => {
  test("sees each transaction whole, in all layers, while it never stops changing", async () => {
    const [low, high] = [`${root}/low`, `${root}/high`];
    await observer.transaction().create(low).create(high).create(`${low}/a`, "0").create(`${low}/b`, "0").commit();
    await observer.create(`${high}/c`, "0");
    await using tree = await ConfigTree.open(await connectTo(1), [low, high]);
    const seen: Readonly<Record<string, unknown>>[] = [];
    tree.on("change", ({ value }) => seen.push(value));
    for (let round = 1; round <= 60; round++) {
      const data = String(round);
      await observer.transaction().set(`${low}/a`, data).set(`${high}/c`, data).set(`${low}/b`, data).commit();
    }
    await eventually(() => tree.value["a"] === 60);
    expect(seen.length).toBeGreaterThan(1);
    for (const value of seen) expect([value["b"], value["c"]]).toEqual([value["a"], value["a"]]);
  });

  test("tells changes key by key", async () => {
    await observer.create(`${root}/t/db/host`, '"a"', { parents: true });
    await using tree = await ConfigTree.open(await connectTo(1), `${root}/t`);
    const seen: string[] = [];
    tree.on("change", ({ changes }) =>
      seen.push(...changes.map(({ type, path: keys }) => `${type} ${keys.join(".")}`)),
    );
    await observer
      .transaction()
      .set(`${root}/t/db/host`, '"b"')
      .create(`${root}/t/db/port`, "1")
      .create(`${root}/t/x`, '{"y": {"z": 1}}')
      .commit();
    await eventually(() => seen.length === 3);
    await observer.delete(`${root}/t/db`, { recursive: true });
    await eventually(() => !("db" in tree.value));
    expect(seen.slice(0, 3)).toEqual(["changed db.host", "added db.port", "added x.y.z"]);
  });
});
