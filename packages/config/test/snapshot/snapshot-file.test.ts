import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ConfigSnapshotError } from "../../src/errors.ts";
import { SnapshotFile } from "../../src/snapshot/snapshot-file.ts";
import type { Binding, SnapshotNode } from "../../src/snapshot/snapshot-record.ts";
import { temporaryDirectory } from "../support/servers.ts";

const binding: Binding = { kind: "node", paths: ["/a"], codec: "json" };
const node = (data: string, version = 0): SnapshotNode => ({
  path: "/a",
  data: Buffer.from(data),
  stat: { czxid: 1n, mzxid: 2n ** 60n, version, mtime: 5n },
});

let directory: string;
let file: string;
let errors: ConfigSnapshotError[];

beforeEach(async () => {
  directory = await temporaryDirectory();
  file = join(directory, "deep", "app.snapshot");
  errors = [];
});

function open(as: Binding = binding): SnapshotFile {
  return new SnapshotFile(file, as, (error) => errors.push(error));
}

async function saved(nodes: readonly SnapshotNode[] = [node("hunter2")]): Promise<void> {
  const snapshot = open();
  snapshot.save(nodes);
  await snapshot.settled();
  expect(errors).toEqual([]);
}

test("what was saved is read, by its owner alone, and nothing else is left in the directory", async () => {
  const before = Date.now();
  await saved();
  const snapshot = await open().read();
  expect(snapshot?.nodes).toEqual([node("hunter2")]);
  expect(snapshot?.savedAtMs).toBeGreaterThanOrEqual(before);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, "deep"))).mode & 0o777).toBe(0o700);
  expect(await readdir(join(directory, "deep"))).toEqual(["app.snapshot"]);
});

test("a file that others could read is replaced by one they cannot", async () => {
  await saved();
  await chmod(file, 0o644);
  await saved();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a znode without data, and none at all, come back as they are", async () => {
  const empty = { ...node(""), data: null };
  await saved([empty]);
  expect((await open().read())?.nodes).toEqual([empty]);
  await saved([]);
  expect((await open().read())?.nodes).toEqual([]);
});

test("of states that come faster than the disk the newest is written", async () => {
  const snapshot = open();
  for (let version = 0; version < 500; version++) snapshot.save([node("x", version)]);
  await snapshot.settled();
  expect((await open().read())?.nodes[0]?.stat.version).toBe(499);
  snapshot.confirm();
  await snapshot.settled();
  expect((await open().read())?.nodes[0]?.stat.version).toBe(499);
});

describe("is ignored and reported", () => {
  test.each<[string, (text: string) => string | Buffer]>([
    ["cut short", (text) => text.slice(0, -20)],
    ["empty", () => ""],
    ["other JSON", () => "{}"],
    ["no JSON", () => Buffer.from([0xff, 0x00])],
    ["changed data", (text) => text.replace(/"data": "[^"]+"/, '"data": "aGFja2Vk"')],
    ["another format", (text) => text.replace("snapshot/1", "snapshot/9")],
  ])("%s", async (_, spoil) => {
    await saved();
    await writeFile(file, spoil(await readFile(file, "utf8")));
    expect(await open().read()).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: "CONFIG_SNAPSHOT", file });
    expect(errors[0]?.message).not.toContain("hunter2");
  });

  test.each<[string, Binding]>([
    ["of another path", { ...binding, paths: ["/b"] }],
    ["of another codec", { ...binding, codec: "yaml" }],
    ["of a tree", { ...binding, kind: "tree" }],
  ])("one %s", async (_, other) => {
    await saved();
    expect(await open(other).read()).toBeUndefined();
    expect(errors[0]?.message).toMatch(/is ignored/);
  });
});

test("a missing file is no error", async () => {
  expect(await open().read()).toBeUndefined();
  expect(errors).toEqual([]);
});

test("a file that cannot be read, or written, is reported, and leaves nothing behind", async () => {
  await mkdir(file, { recursive: true });
  expect(await open().read()).toBeUndefined();
  const snapshot = open();
  snapshot.save([node("x")]);
  await snapshot.settled();
  expect(errors.map(({ message }) => message)).toEqual([
    `snapshot file ${file} cannot be read`,
    `snapshot file ${file} cannot be written`,
  ]);
  expect(await readdir(join(directory, "deep"))).toEqual(["app.snapshot"]);
});
