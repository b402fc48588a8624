import { hostname } from "node:os";
import { connect } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { Group } from "@quorate/liveness";
import { Mutex } from "@quorate/lock";
import { EmbeddedServer } from "@quorate/testing";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lineAt, lined } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";
import { QuorateProcess, quorate, quorateJson } from "./support/quorate.ts";

let server: EmbeddedServer;
let options: { connect: string };

beforeAll(async () => {
  server = await EmbeddedServer.start();
  options = { connect: server.connectString };
});

afterAll(() => server.stop());

const showToken = ["sh", "-c", 'echo "$QUORATE_PATH $QUORATE_FENCING_TOKEN"'];

test.each([
  ["lock", "the embedded server"],
  ["lead", "the embedded server"],
  ["lock", "a real ensemble"],
  ["lead", "a real ensemble"],
] as const)("%s runs its command with a growing token on %s, and passes its status on", async (command, where) => {
  const servers = where === "a real ensemble" ? inject("zookeeper").connectString : server.connectString;
  await using client = await connect(servers);
  const path = await ownPath(client);
  const tokens: bigint[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const { status, stdout } = await quorate([command, path, "--", ...showToken], { connect: servers });
    expect(status).toBe(0);
    const [shownPath, token = "0"] = stdout.trim().split(" ");
    expect(shownPath).toBe(path);
    tokens.push(BigInt(token));
  }
  expect(tokens[1]).toBeGreaterThan(tokens[0] ?? 0n);
  expect(await quorate([command, path, "--", "sh", "-c", "exit 42"], { connect: servers })).toMatchObject({
    status: 42,
  });
  expect(await quorate([command, path, "--", "sh", "-c", "kill -9 $$"], { connect: servers })).toMatchObject({
    status: 137,
  });
  expect(await quorate([command, path, "--", "no-such-command"], { connect: servers })).toMatchObject({ status: 127 });
  expect(await lineAt(client, path)).toEqual([]);
});

test("the lock that the command runs under is held: locks shows it, others wait in line", async () => {
  await using client = await connect(options.connect);
  await using holding = new QuorateProcess(["lock", "/held", "--id", "first", "--", "sleep", "600"], options);
  await holding.says("holding /held");
  expect(await new Mutex(client, "/held").tryAcquire()).toBeUndefined();
  expect(await quorate(["lock", "/held", "--try", "--", "true"], options)).toMatchObject({ status: 124 });
  expect(await quorate(["lock", "/held", "--timeout", "50ms", "--", "true"], options)).toMatchObject({ status: 124 });
  await using waiting = new QuorateProcess(["lock", "/held", "--id", "second", "--", "echo", "my turn"], options);
  await lined(client, "/held", 2);

  const shown = await quorateJson<{ holders: { id: string; host: string }[]; queue: { id: string }[] }>(
    ["locks", "/held"],
    options,
  );
  expect(shown.holders).toMatchObject([{ id: "first", host: hostname() }]);
  expect(shown.queue).toMatchObject([{ id: "second" }]);

  holding.kill("SIGTERM");
  expect(await holding.result).toMatchObject({ status: 143 });
  expect(await waiting.result).toMatchObject({ status: 0, stdout: "my turn\n" });
  expect(await lineAt(client, "/held")).toEqual([]);
});

test("Ctrl-C while waiting leaves no contender behind", async () => {
  await using client = await connect(options.connect);
  for (const [command, path] of [
    ["lock", "/waited-lock"],
    ["lead", "/waited-lead"],
  ] as const) {
    await using holding = new QuorateProcess([command, path, "--", "sleep", "600"], options);
    await lined(client, path, 1);
    await using waiting = new QuorateProcess([command, path, "--", "true"], options);
    await lined(client, path, 2);
    const first = (await lineAt(client, path))[0];
    waiting.kill("SIGINT");
    expect(await waiting.result).toMatchObject({ status: 130 });
    expect(await lineAt(client, path)).toEqual([first]);
    holding.kill("SIGTERM");
    await holding.result;
  }
});

test("the lock is kept until the command has ended, however long it takes over SIGTERM", async () => {
  await using client = await connect(options.connect);
  const script = "trap 'sleep 0.5; echo cleaned up; exit 7' TERM; echo up; while :; do sleep 0.05; done";
  await using holding = new QuorateProcess(["lock", "/kept", "--", "sh", "-c", script], options);
  await holding.says("up\n");
  holding.kill("SIGTERM");
  await eventually(async () => (await lineAt(client, "/kept")).length === 0);
  // Everything it had to say was said before others could have the lock.
  expect(holding.stdout).toContain("cleaned up");
  expect(await holding.result).toMatchObject({ status: 7 });
});

test.each(["lock", "lead"])(
  "when %s loses what it holds, the command is stopped, and killed if it does not listen",
  async (command) => {
    await using client = await connect(options.connect);
    const path = `/lost-${command}`;
    const stubborn = "trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done";
    await using holding = new QuorateProcess(
      [command, path, "--kill-after", "300ms", "--", "sh", "-c", stubborn],
      options,
    );
    await holding.says("up\n");
    const [contender = ""] = await lineAt(client, path);
    await client.delete(`${path}/${contender}`);
    const { status, stdout, stderr } = await holding.result;
    expect(status).toBe(123);
    expect(stdout).toContain("asked");
    expect(stderr).toMatch(/lost while the command ran/);
  },
);

test("lead --again stands for election anew when it was lost", async () => {
  await using client = await connect(options.connect);
  await using leading = new QuorateProcess(
    ["lead", "/again", "--again", "--id", "me", "--", "sh", "-c", "echo term; sleep 600"],
    options,
  );
  await leading.says("term");
  const [first = ""] = await lineAt(client, "/again");
  await client.delete(`/again/${first}`);
  await eventually(() => leading.stdout === "term\nterm\n");
  const shown = await quorateJson<{ leader: { id: string } }>(["leader", "/again"], options);
  expect(shown.leader.id).toBe("me");
  leading.kill("SIGTERM");
  expect(await leading.result).toMatchObject({ status: 143 });
});

test("leader tells who leads, and that nobody does", async () => {
  await using client = await connect(options.connect);
  expect(await quorate(["leader", "/office"], options)).toMatchObject({ status: 1, stdout: "nobody leads\n" });
  const latch = new LeaderLatch(client, "/office", { id: "jane" });
  for await (const term of latch.terms()) {
    await term.proclaim("hello");
    const { status, stdout } = await quorate(["leader", "/office"], options);
    expect(status).toBe(0);
    expect(stdout).toMatch(/leads\s+jane/);
    expect(stdout).toContain("proclaimed: hello");
    break;
  }
});

test("alive tells who is there, and follows who comes and goes", async () => {
  await using client = await connect(options.connect);
  const group = new Group(client, "/workers");
  expect(await quorate(["alive", "/workers"], options)).toMatchObject({ status: 1 });
  const member = await group.join("w1", "data");
  expect(await quorateJson(["alive", "/workers"], options)).toMatchObject([{ id: "w1", data: "data" }]);
  expect(await quorate(["alive", "/workers/w1"], options)).toMatchObject({ status: 0 });
  await using watching = new QuorateProcess(["alive", "/workers", "--watch"], options);
  await watching.says(/alive\s+w1/);
  await using second = await group.join("w2");
  await watching.says(/alive\s+w2/);
  await member.close();
  await watching.says(/dead\s+w1/);
  await second.close();
  watching.kill("SIGINT");
  expect(await watching.result).toMatchObject({ status: 130 });
});

test("nothing of all that has left a session or a watch at the server", async () => {
  await eventually(() => server.stats.sessions === 0 && server.stats.watches === 0);
});
