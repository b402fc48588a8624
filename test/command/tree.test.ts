import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { QuorateProcess, quorate, quorateJson } from "./support/quorate.ts";

let server: EmbeddedServer;
let directory: string;
let count = 0;
/** A chroot of its own for each test. */
let options: { connect: string };

beforeAll(async () => {
  server = await EmbeddedServer.start();
  directory = await mkdtemp(join(tmpdir(), "quorate-command-"));
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  const chroot = `/t${count++}`;
  await using client = await connect(server.connectString);
  await client.create(chroot);
  options = { connect: `${server.connectString}${chroot}` };
});

function bufferOf(data: Uint8Array | null): Buffer | null {
  return data && Buffer.from(data);
}

test("create, set, get, stat and delete, with the versions and statuses they should have", async () => {
  expect(await quorate(["create", "/a/b", "one", "--parents"], options)).toMatchObject({ status: 0, stdout: "/a/b\n" });
  expect(await quorate(["create", "/a/b"], options)).toMatchObject({ status: 4, stdout: "" });
  expect(await quorate(["get", "/a/b"], options)).toMatchObject({ status: 0, stdout: "one" });
  expect(await quorate(["set", "/a/b", "two", "--version", "0"], options)).toMatchObject({ status: 0 });
  expect(await quorate(["set", "/a/b", "three", "--version", "0"], options)).toMatchObject({ status: 4 });
  expect(await quorateJson(["get", "/a/b"], options)).toMatchObject({
    data: "two",
    stat: { version: 1, kind: "persistent" },
  });
  expect(await quorateJson(["stat", "/a/b"], options)).toMatchObject({ version: 1, dataLength: 3 });
  expect(await quorate(["delete", "/a"], options)).toMatchObject({ status: 4 });
  expect(await quorate(["delete", "/a", "--recursive"], options)).toMatchObject({ status: 0 });
  expect(await quorate(["get", "/a/b"], options)).toMatchObject({ status: 3 });
  expect(await quorate(["stat", "/a/b"], options)).toMatchObject({ status: 3 });
  expect(await quorate(["delete", "/a"], options)).toMatchObject({ status: 3 });
  expect(await quorate(["delete", "/a", "--if-exists"], options)).toMatchObject({ status: 0 });
});

test("data come from an argument, a file, stdin, or are none", async () => {
  const bytes = Buffer.from([0, 1, 2, 0xff, 0xfe]);
  const file = join(directory, "bytes");
  await writeFile(file, bytes);
  await using client = await connect(options.connect);
  await client.create("/x");
  const dataOf = async (): Promise<unknown> => bufferOf((await client.get("/x")).data);

  await quorate(["set", "/x", "--file", file], options);
  expect(await dataOf()).toEqual(bytes);
  await quorate(["set", "/x"], { ...options, input: "from stdin\n" });
  expect(await dataOf()).toEqual(Buffer.from("from stdin\n"));
  await quorate(["set", "/x", ""], options);
  expect(await dataOf()).toEqual(Buffer.alloc(0));
  await quorate(["set", "/x", "--null"], options);
  expect(await dataOf()).toBeNull();
  expect(await quorate(["set", "/x", "a", "--null"], options)).toMatchObject({ status: 2 });
});

test("binary data are base64 in JSON, and the very bytes in a pipe", async () => {
  const bytes = Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xff]);
  await using client = await connect(options.connect);
  await client.create("/x", bytes);
  expect(await quorateJson(["get", "/x"], options)).toMatchObject({
    data: bytes.toString("base64"),
    encoding: "base64",
  });
  const { stdout } = await quorate(["get", "/x"], options);
  expect(stdout.startsWith("\x1b[31m")).toBe(true);
});

test("names and data of others cannot take the terminal over", async () => {
  await using client = await connect(options.connect);
  await client.create("/x\u202egnp", "\x1b[2Jcleared");
  for (const args of [
    ["ls", "/"],
    ["ls", "-l", "/"],
    ["tree", "/", "--data"],
  ]) {
    const { stdout, status } = await quorate(args, options);
    expect(status).toBe(0);
    expect(stdout).toContain("x\\u202egnp");
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  }
});

test("tree draws every branch", async () => {
  await using client = await connect(options.connect);
  for (const path of ["/a", "/a/b", "/a/b/c", "/a/d", "/e"]) await client.create(path);
  await client.create("/e/f", null, { mode: "ephemeral" });
  const { stdout } = await quorate(["tree"], options);
  expect(stdout.trimEnd().split("\n")).toEqual([
    "/",
    "├── a",
    "│   ├── b",
    "│   │   └── c",
    "│   └── d",
    "└── e",
    "    └── f*",
  ]);
  expect((await quorate(["tree", "/a", "--depth", "1"], options)).stdout).toBe("/a\n├── b\n└── d\n");
});

test("what is exported can be imported elsewhere, and over itself", async () => {
  await using client = await connect(options.connect);
  await client.create("/from/text", "text", { parents: true });
  await client.create("/from/bytes", Buffer.from([0xff, 0]));
  await client.create("/from/none", null);
  await client.create("/from/mine", null, { mode: "ephemeral" });
  const file = join(directory, "tree.json");
  expect(await quorate(["export", "/from", "--acl", "-o", file], options)).toMatchObject({ status: 0 });

  const imported = await quorateJson(["import", file, "/to/here"], options);
  expect(imported).toMatchObject({ created: 4, updated: 0 });
  expect((await client.children("/to/here")).sort()).toEqual(["bytes", "none", "text"]);
  expect(bufferOf((await client.get("/to/here/bytes")).data)).toEqual(Buffer.from([0xff, 0]));
  expect((await client.get("/to/here/none")).data).toBeNull();

  await client.set("/to/here/text", "changed");
  expect(await quorate(["import", file, "/to/here"], options)).toMatchObject({ status: 4 });
  expect(await quorateJson(["import", file, "/to/here", "--skip"], options)).toMatchObject({
    skipped: 1,
    unchanged: 3,
  });
  expect(await quorateJson(["import", file, "/to/here", "--overwrite", "--dry-run"], options)).toMatchObject({
    updated: 1,
  });
  expect(bufferOf((await client.get("/to/here/text")).data)).toEqual(Buffer.from("changed"));
  const content = await readFile(file);
  expect(await quorateJson(["import", "-", "/to/here", "--overwrite"], { ...options, input: content })).toMatchObject({
    updated: 1,
  });
  expect(bufferOf((await client.get("/to/here/text")).data)).toEqual(Buffer.from("text"));
  expect(await quorate(["import", "-"], { ...options, input: "{}" })).toMatchObject({ status: 2 });
});

test("watch tells of what happens, a line each, and leaves no watch behind on Ctrl-C", async () => {
  await using client = await connect(options.connect);
  await using watching = new QuorateProcess(["watch", "/a", "--data", "--json"], options);
  await watching.says("watching /a");
  await client.create("/a", "1");
  await client.create("/a/b", "2");
  await client.set("/a", "3");
  await client.delete("/a/b");
  await eventually(() => watching.stdout.trim().split("\n").length === 4);
  const events = watching.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ type, path }) => [type, path])).toEqual([
    ["created", "/a"],
    ["created", "/a/b"],
    ["dataChanged", "/a"],
    ["deleted", "/a/b"],
  ]);
  expect(server.stats.watches).toBe(1);
  watching.kill("SIGINT");
  expect(await watching.result).toMatchObject({ status: 130 });
  expect(server.stats.watches).toBe(0);
});

test("an ephemeral znode lives until Ctrl-C, and no longer", async () => {
  await using client = await connect(options.connect);
  await using creating = new QuorateProcess(["create", "/me", "--ephemeral"], options);
  await creating.says("kept until Ctrl-C");
  expect(await client.exists("/me")).toBeDefined();
  creating.kill("SIGINT");
  expect(await creating.result).toMatchObject({ status: 130 });
  expect(await client.exists("/me")).toBeUndefined();
});

test("a reader that has seen enough is no failure to tell of", async () => {
  await using client = await connect(options.connect);
  await using watching = new QuorateProcess(["watch", "/a", "--quiet"], options);
  const before = server.stats.sessions;
  await eventually(() => server.stats.watches === 1);
  watching.stopReading();
  await eventually(async () => {
    await client.create("/a");
    await client.delete("/a");
    return server.stats.sessions < before || server.stats.watches === 0;
  });
  expect(await watching.result).toMatchObject({ status: 141, stderr: "" });
});

test("acl shows and replaces the list; identities come from a file, and are never shown", async () => {
  const identities = join(directory, "me.auth");
  await writeFile(identities, "# mine\ndigest:me:hush-hush\n");
  await using client = await connect(options.connect);
  await client.create("/x", "secret");
  expect((await quorate(["acl", "/x"], options)).stdout).toBe("world:anyone:cdrwa\n");
  const closed = await quorate(["acl", "/x", "--set", "creator", "--auth-file", identities], options);
  expect(closed).toMatchObject({ status: 0, stdout: expect.stringMatching(/^digest:me:.+:cdrwa\n$/) });
  expect(closed.stdout + closed.stderr).not.toContain("hush");

  expect(await quorate(["get", "/x"], options)).toMatchObject({ status: 5 });
  const env = { QUORATE_AUTH: "digest:me:hush-hush" };
  expect(await quorate(["get", "/x"], { ...options, env })).toMatchObject({ status: 0, stdout: "secret" });
  expect(await quorate(["get", "/x", "--auth-file", identities], options)).toMatchObject({ status: 0 });
  const malformed = await quorate(["get", "/x"], { ...options, env: { QUORATE_AUTH: "digest:hush-hush" } });
  expect(malformed.status).toBe(2);
  expect(malformed.stderr).not.toContain("hush");
});
