import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { QuorateProcess, quorate, type Result } from "./support/quorate.ts";

function expectStory({ status, stdout, stderr }: Result): void {
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).not.toContain("\x1b");
  const tokens = [...stdout.matchAll(/holds the lock, fencing token (\d+)/g)].map(([, token]) => BigInt(token ?? 0));
  expect(tokens.length).toBeGreaterThan(8);
  expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => (a < b ? -1 : 1)));
  const victim = /(\w+) leads and holds the lock: kill -9/.exec(stdout)?.[1];
  const successor = /(\w+) has taken over from/.exec(stdout)?.[1];
  expect(victim).toBeDefined();
  expect(successor).toBeDefined();
  expect(successor).not.toBe(victim);
  expect(stdout).toMatch(/has the new setting: greeting "good night" \(2 of 2\)/);
  expect(stdout).toMatch(/diana came: greeter is at .*\(diana\)/);
  expect(stdout).toMatch(/diana went: greeter is at (?!.*diana)/);
  expect(stdout).toContain(`${victim}: not alive, was killed`);
  expect(stdout).toContain(`${successor}: alive`);
}

test("the demo tells its whole story on the embedded server", async () => {
  expectStory(await quorate(["demo"]));
}, 120_000);

test("the demo tells it on a real ensemble, and leaves nothing there", async () => {
  const { connectString } = inject("zookeeper");
  expectStory(await quorate(["demo"], { connect: connectString }));
  await using client = await connect(connectString);
  expect((await client.children("/")).filter((name) => name.startsWith("quorate-demo"))).toEqual([]);
}, 120_000);

test("Ctrl-C ends the demo and all its processes, and leaves nothing at the server", async () => {
  await using server = await EmbeddedServer.start();
  await using demo = new QuorateProcess(["demo", "--json"], { connect: server.connectString });
  await demo.says("holds the lock");
  for (const line of demo.stdout.trim().split("\n")) {
    expect(JSON.parse(line)).toMatchObject({ type: expect.any(String), text: expect.any(String) });
  }
  demo.kill("SIGINT");
  expect(await demo.result).toMatchObject({ status: 130 });
  await eventually(() => server.stats.sessions === 0);
  await using client = await connect(server.connectString);
  expect(await client.children("/")).toEqual(["zookeeper"]);
});
