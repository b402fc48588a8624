import { type Client, connect } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { EphemeralNode, Group, type GroupEvent } from "@quorate/liveness";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Servers, startServers } from "../support/servers.ts";

let ensemble: Servers;
let client: Client;
let observer: Client;

beforeAll(async () => {
  ensemble = await startServers({ nodes: 1, containerCheckMs: 300 });
});

beforeEach(async () => {
  client = await connect(ensemble.connectString);
  observer = await connect(ensemble.connectString);
});

afterEach(async () => {
  await client.close();
  await observer.close();
});

afterAll(async () => {
  await ensemble?.close();
});

async function isGone(path: string): Promise<boolean> {
  return (await observer.exists(path)) === undefined;
}

test("a latch's directory is reaped when nobody is in line; tokens grow on, though the sequence starts again", async () => {
  const latch = new LeaderLatch(client, "/reaped/leaders", { id: "a" });
  const tokens: bigint[] = [];
  const names: string[] = [];
  for (let round = 0; round < 2; round++) {
    await latch.run(async (term) => {
      tokens.push(term.fencingToken);
      const [name = ""] = await observer.children(latch.path);
      names.push(name.slice(-10));
    });
    await eventually(() => isGone(latch.path));
  }
  expect(names).toEqual(["0000000000", "0000000000"]);
  expect(tokens[1]).toBeGreaterThan(tokens[0] as bigint);
});

test("a group's directory is reaped when nobody is in, and made again", async () => {
  const group = new Group(client, "/reaped/group");
  const words: string[] = [];
  void (async () => {
    const inWords = (event: GroupEvent): string =>
      "member" in event ? `${event.type} ${event.member.id}` : event.type;
    for await (const event of new Group(observer, group.path).watch()) words.push(inWords(event));
  })();
  for (const id of ["a", "b"]) {
    await using member = await group.join(id);
    await eventually(() => words.at(-1) === `joined ${id}`);
    await member.close();
    await eventually(() => isGone(group.path));
  }
  await eventually(() => words.length === 5);
  expect(words).toEqual(["snapshot", "joined a", "left a", "joined b", "left b"]);
});

test("ttl: touched in time, taken over by the next process, gone some time after its process", async () => {
  const options = { mode: "ttl", ttlMs: 900 } as const;
  const node = await EphemeralNode.keep(client, "/ttl/node", "1", options);
  const first = await observer.get(node.path);
  await eventually(async () => ((await observer.exists(node.path))?.version ?? 0) >= 8);
  expect((await observer.exists(node.path))?.czxid).toBe(first.stat.czxid);
  // Without a word, as a process that is killed: nothing is removed.
  await client.close();
  const next = await EphemeralNode.keep(observer, "/ttl/node", "2", options);
  expect(next.state).toMatchObject({ kind: "present", czxid: first.stat.czxid });
  await eventually(async () => Buffer.from((await observer.get(node.path)).data ?? []).toString() === "2");
  await observer.close();
  observer = await connect(ensemble.connectString);
  await eventually(() => isGone(node.path));
});

test("a TTL member that is touched is no news; its data is", async () => {
  const group = new Group(client, "/ttl/group");
  const types: string[] = [];
  void (async () => {
    for await (const { type } of new Group(observer, group.path).watch()) types.push(type);
  })();
  await using member = await group.join("a", "1", { mode: "ttl", ttlMs: 600 });
  await eventually(async () => ((await observer.exists(member.path))?.version ?? 0) >= 5);
  await member.set("2");
  await eventually(() => types.length === 3);
  await member.close();
  await eventually(() => types.length === 4);
  expect(types).toEqual(["snapshot", "joined", "updated", "left"]);
});

test("container: there again after it was reaped", async () => {
  await using node = await EphemeralNode.keep(client, "/container/node", "1", { mode: "container" });
  const before = (await observer.exists(node.path))?.czxid ?? 0n;
  await observer.create(`${node.path}/child`);
  await observer.delete(`${node.path}/child`);
  await eventually(async () => ((await observer.exists(node.path))?.czxid ?? 0n) > before);
  expect(Buffer.from((await observer.get(node.path)).data ?? []).toString()).toBe("1");
});
