import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { QuorateProcess, quorate, quorateJson } from "./support/quorate.ts";

let server: EmbeddedServer;
let options: { connect: string };
let directory: string;

beforeAll(async () => {
  server = await EmbeddedServer.start();
  options = { connect: server.connectString };
  directory = await mkdtemp(join(tmpdir(), "quorate-command-"));
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

test("a service is registered while its command runs, and taken out before the command is asked to end", async () => {
  await using watching = new QuorateProcess(["services", "orders", "--watch"], options);
  await watching.says("watching orders");
  const script = "trap 'sleep 0.5; echo bye; exit 0' TERM; while :; do sleep 0.05; done";
  const args = [
    "register",
    "orders",
    "--id",
    "one",
    "--address",
    "10.1.2.3",
    "--port",
    "8080",
    "--payload",
    '{"zone":"a"}',
    "--",
    "sh",
    "-c",
    script,
  ];
  await using registering = new QuorateProcess(args, options);
  await watching.says(/added\s+10\.1\.2\.3:8080 {2}one/);
  expect(await quorateJson(["services", "orders"], options)).toMatchObject([
    { id: "one", address: "10.1.2.3", port: 8080, payload: { zone: "a" }, enabled: true },
  ]);
  expect(await quorateJson(["services"], options)).toEqual([{ name: "orders", instances: 1 }]);

  registering.kill("SIGTERM");
  await watching.says(/removed\s+10\.1\.2\.3:8080 {2}one/);
  expect(await registering.result).toMatchObject({ status: 0, stdout: "bye\n" });
  expect(await quorate(["services", "orders"], options)).toMatchObject({ status: 1 });
  watching.kill("SIGINT");
  await watching.result;
});

test("register passes the command's status on, and takes the instance out when it ends by itself", async () => {
  await using client = await connect(options.connect);
  const args = ["register", "short", "--port", "1", "--id", "x", "--", "sh", "-c", "exit 9"];
  expect(await quorate(args, options)).toMatchObject({ status: 9 });
  expect(await client.exists("/services/short/x")).toBeUndefined();
  expect(await quorate(["register", "short", "--payload", "{", "--", "true"], options)).toMatchObject({ status: 125 });
});

test("with a health check it is registered while that answers", async () => {
  await using client = await connect(options.connect);
  let isHealthy = false;
  const http = createServer((_request, response) => response.writeHead(isHealthy ? 200 : 503).end());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
    const args = [
      "register",
      "checked",
      "--id",
      "x",
      "--address",
      "h",
      "--health-url",
      url,
      "--health-interval",
      "20ms",
    ];
    await using registering = new QuorateProcess(args, options);
    await registering.says("registered");
    expect(await client.exists("/services/checked/x")).toBeUndefined();
    isHealthy = true;
    await eventually(async () => (await client.exists("/services/checked/x")) !== undefined);
    registering.kill("SIGINT");
    expect(await registering.result).toMatchObject({ status: 130 });
    expect(await client.exists("/services/checked/x")).toBeUndefined();
  } finally {
    http.closeAllConnections();
    http.close();
  }
});

test("config: set, get, history and rollback, with who wrote", async () => {
  const path = "/config/app";
  expect(await quorate(["config", "get", path], options)).toMatchObject({ status: 3 });
  expect(await quorate(["config", "set", path, '{"limit": 1}', "--author", "ann"], options)).toMatchObject({
    status: 0,
  });
  expect(await quorate(["config", "set", path, '{"limit": 2}', "--author", "bob"], options)).toMatchObject({
    status: 0,
  });
  // Refused before anything is written.
  expect(await quorate(["config", "set", path, "{"], options)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("not valid json"),
  });
  expect(await quorate(["config", "set", path, "{}", "--version", "0"], options)).toMatchObject({ status: 4 });
  expect(await quorate(["config", "get", path], options)).toMatchObject({ status: 0, stdout: '{"limit": 2}' });
  expect(await quorateJson(["config", "get", path], options)).toMatchObject({
    text: '{"limit": 2}',
    version: 1,
    author: "bob",
  });

  expect(await quorateJson(["config", "history", path], options)).toMatchObject([
    { version: 1, author: "bob", text: '{"limit": 2}' },
    { version: 0, author: "ann", text: '{"limit": 1}' },
  ]);
  expect(await quorate(["config", "rollback", path, "7"], options)).toMatchObject({ status: 3 });
  expect(await quorateJson(["config", "rollback", path, "0"], options)).toMatchObject({
    version: 2,
    text: '{"limit": 1}',
  });
  expect(await quorate(["config", "get", path], options)).toMatchObject({ stdout: '{"limit": 1}' });
});

test("config keeps YAML as it was written", async () => {
  const text = "# a comment\nlimit: 1\n";
  expect(
    await quorate(["config", "set", "/config/yaml", "--format", "yaml"], { ...options, input: text }),
  ).toMatchObject({ status: 0 });
  expect(await quorate(["config", "get", "/config/yaml", "--format", "yaml"], options)).toMatchObject({ stdout: text });
  expect(await quorate(["config", "set", "/config/yaml", "a: [", "--format", "yaml"], options)).toMatchObject({
    status: 2,
  });
});

test("config watch tells of every version, and of one that does not parse", async () => {
  await using client = await connect(options.connect);
  await using watching = new QuorateProcess(["config", "watch", "/config/live", "--json"], options);
  await watching.says("watching /config/live");
  await quorate(["config", "set", "/config/live", "1"], options);
  await watching.says('"text":"1"');
  await client.set("/config/live", "{ not JSON");
  await watching.says("version 1 of /config/live does not parse");
  await quorate(["config", "set", "/config/live", "2"], options);
  await watching.says('"text":"2"');
  expect(watching.stdout.trim().split("\n")).toHaveLength(2);
  watching.kill("SIGINT");
  expect(await watching.result).toMatchObject({ status: 130 });
});

test("config edit writes what the editor left, if it parses and nobody else wrote meanwhile", async () => {
  await using client = await connect(options.connect);
  const path = "/config/edited";
  await quorate(["config", "set", path, '"old"'], options);
  const editor = async (script: string): Promise<Record<string, string>> => {
    const file = join(directory, `editor-${performance.now()}.sh`);
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    return { EDITOR: file };
  };
  const edit = async (script: string) => quorate(["config", "edit", path], { ...options, env: await editor(script) });

  expect(await edit("true")).toMatchObject({ status: 0, stdout: "unchanged\n" });
  expect(await edit('echo \'"new"\' > "$1"')).toMatchObject({ status: 0 });
  expect(Buffer.from((await client.get(path)).data ?? []).toString()).toBe('"new"\n');
  expect(await edit("exit 3")).toMatchObject({ status: 8 });

  const broken = await edit("echo '{' > \"$1\"");
  expect(broken.status).toBe(2);
  const kept = /what you edited is in (\S+)/.exec(broken.stderr)?.[1] ?? "";
  expect(await readFile(kept, "utf8")).toBe("{\n");
  // Nobody else's business.
  expect((await stat(kept)).mode & 0o077).toBe(0);
  await rm(join(kept, ".."), { recursive: true });

  // Someone else writes while the editor is open.
  const set = `node ${join(process.cwd(), "packages/quorate/bin/quorate.js")} config set ${path} '"theirs"'`;
  const late = await edit(`${set} >&2; echo '"mine"' > "$1"`);
  expect(late.status).toBe(4);
  await rm(join(/what you edited is in (\S+)/.exec(late.stderr)?.[1] ?? "", ".."), { recursive: true });
  expect(await quorate(["config", "get", path], options)).toMatchObject({ stdout: '"theirs"' });
});

test("nothing of all that has left a session or a watch at the server", async () => {
  await eventually(() => server.stats.sessions === 0 && server.stats.watches === 0);
});
