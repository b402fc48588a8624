import { type Client, connect } from "@quorate/core";
import { EphemeralNode, Group, type NodeState, watchAlive } from "@quorate/liveness";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { isEmbedded, type Servers } from "../support/servers.ts";
import { eventsOf } from "./support/follow.ts";
import type { Routes } from "./support/routes.ts";
import { setScene } from "./support/scene.ts";
import { isLive, memberOf } from "./support/server-view.ts";

let ensemble: Servers;
let routes: Routes;
let client: Client;
let observer: Client;
let path: string;
let expire: () => Promise<void>;

setScene("liveness", (scene) => {
  ({ ensemble, routes, client, observer, path, expire } = scene);
});

interface Seen {
  readonly data: string;
  readonly czxid: bigint;
  readonly owner: bigint;
  readonly version: number;
}

/** The node by the servers' word. */
async function seen(at: string): Promise<Seen | undefined> {
  await observer.sync(at);
  const node = await observer.get(at).catch(() => undefined);
  if (node === undefined) return undefined;
  const { czxid, ephemeralOwner, version } = node.stat;
  return { data: Buffer.from(node.data ?? []).toString(), czxid, owner: ephemeralOwner, version };
}

/** The connection breaks and cannot be had again until `routes.mode` is `pass`. */
async function cut(): Promise<void> {
  routes.mode = "refuse";
  routes.cut();
  await eventually(() => client.state === "suspended");
}

function kindsOf(node: EphemeralNode): readonly string[] {
  const kinds: string[] = [];
  const word = (state: NodeState): string => (state.kind === "absent" ? state.reason : state.kind);
  void (async () => {
    for await (const state of node.states()) kinds.push(word(state));
  })();
  return kinds;
}

/** Collects what an iteration brings, in words. */
function wordsOf<T>(items: AsyncIterable<T>, inWords: (item: T) => string): readonly string[] {
  const words: string[] = [];
  void (async () => {
    for await (const item of items) words.push(inWords(item));
  })();
  return words;
}

describe("a kept node", () => {
  test("is made again after the servers ended the session, with the newest data", async () => {
    const node = await EphemeralNode.keep(client, `${path}/node`, "1");
    const kinds = kindsOf(node);
    const old = client.session;
    const setting = node.set("2");
    await expire();
    await eventually(async () => (await seen(node.path))?.owner === client.session.id && client.session.id !== old.id);
    await setting;
    await eventually(async () => (await seen(node.path))?.data === "2");
    await eventually(() => node.isPresent);
    // The node goes with the session, and a client that is connected just then may hear of that first.
    expect(kinds.slice(-2)).toEqual([expect.stringMatching(/^(session-lost|deleted)$/), "present"]);
    expect(await isLive(ensemble, old.id)).toBe(false);
    await node.close();
    expect(await seen(node.path)).toBeUndefined();
  });

  test("takes the place of its own dying node, of a session given up here long before the servers do", async () => {
    await using early = await connect(routes.connectString, { sessionTimeoutMs: 10_000, sessionMarginMs: 5_000 });
    await using node = await EphemeralNode.keep(early, `${path}/node`, "1");
    const old = early.session;
    const before = await seen(node.path);
    routes.mode = "blackhole";
    await eventually(() => early.state === "lost");
    expect(node.isPresent).toBe(false);
    routes.mode = "pass";
    routes.cut();
    await eventually(() => node.isPresent);
    const after = await seen(node.path);
    expect(await isLive(ensemble, old.id)).toBe(true);
    expect(after).toMatchObject({ owner: early.session.id, data: "1", version: 0 });
    expect(after?.czxid).toBeGreaterThan(before?.czxid ?? 0n);
    await eventually(async () => !(await isLive(ensemble, old.id)));
    expect(await seen(node.path)).toEqual(after);
  });

  test("is not touched when the same session comes back: nobody who watches sees anything", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`, "1");
    const kinds = kindsOf(node);
    const before = await seen(node.path);
    await using watch = observer.watch(path, { mode: "recursive" });
    const events = eventsOf(watch);
    await watch.ready;
    for (let round = 0; round < 3; round++) {
      await cut();
      expect(node.isPresent).toBe(true);
      routes.mode = "pass";
      await eventually(() => client.state === "connected");
    }
    await observer.create(`${path}/marker`);
    await eventually(() => events.length > 0);
    expect(events).toEqual([`created ${path}/marker`]);
    expect(await seen(node.path)).toEqual(before);
    expect(kinds).toEqual(["present"]);
  });

  test("data set while disconnected is applied when the same session is back; the newest alone", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`, "0");
    const { id } = client.session;
    await cut();
    const sets = ["1", "2", "3"].map((data) => node.set(data));
    await expect(node.set("4", { timeoutMs: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    routes.mode = "pass";
    await Promise.all(sets);
    await eventually(async () => (await seen(node.path))?.data === "4");
    expect(client.session.id).toBe(id);
    expect((await seen(node.path))?.version).toBeLessThanOrEqual(2);
  });

  test("deleted while disconnected: it is made again when the session is back", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`, "1");
    const before = await seen(node.path);
    await cut();
    await observer.delete(node.path);
    routes.mode = "pass";
    await eventually(async () => (await seen(node.path))?.owner === client.session.id);
    expect((await seen(node.path))?.czxid).toBeGreaterThan(before?.czxid ?? 0n);
    await eventually(() => node.isPresent);
  });

  test("replaced by another while disconnected, which no watch tells as a deletion: noticed, and left to the other", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`, "ours");
    await cut();
    await observer.transaction().delete(node.path).create(node.path, "theirs", { mode: "ephemeral" }).commit();
    routes.mode = "pass";
    await eventually(() => node.state.kind === "absent" && node.state.reason === "occupied");
    expect(await seen(node.path)).toMatchObject({ data: "theirs", owner: observer.session.id });
    await observer.delete(node.path);
    await eventually(() => node.isPresent);
    expect((await seen(node.path))?.data).toBe("ours");
  });

  test.each([
    ["data set", (node: EphemeralNode) => node.set("late", { timeoutMs: 60_000 })],
    ["closed", (node: EphemeralNode) => node.close()],
  ])("replaced by another while disconnected, and %s meanwhile: the other's node is not touched", async (_, change) => {
    const node = await EphemeralNode.keep(client, `${path}/node`, "ours");
    await cut();
    await observer.transaction().delete(node.path).create(node.path, "theirs", { mode: "ephemeral" }).commit();
    const theirs = await seen(node.path);
    const changing = change(node);
    routes.mode = "pass";
    await eventually(
      () => node.state.kind === "closed" || (node.state.kind === "absent" && node.state.reason === "occupied"),
    );
    expect(await seen(node.path)).toEqual(theirs);
    await observer.delete(node.path);
    await changing;
    if (node.state.kind !== "closed") expect((await seen(node.path))?.data).toBe("late");
    await node.close();
    expect(await seen(node.path)).toBeUndefined();
  });

  test.each(["ephemeral", "ephemeral-sequential"] as const)(
    "created, the answer lost, mode %s: one node, known to be there",
    async (mode) => {
      await observer.create(path);
      const drop = routes.dropReply({ op: ["create", "create2"], path: new RegExp(`^${path}/.`) });
      const node = await EphemeralNode.keep(client, `${path}/node`, "1", { mode });
      await drop.dropped;
      const [name, ...others] = await observer.children(path);
      expect(others).toEqual([]);
      expect(node.state).toMatchObject({ kind: "present", path: `${path}/${name}` });
      expect(await seen(`${path}/${name}`)).toMatchObject({ data: "1", owner: client.session.id });
      await node.close();
      await eventually(async () => (await observer.children(path)).length === 0);
    },
  );

  test("given up at any moment: no node is left", async () => {
    await observer.create(path);
    for (const proxy of routes.proxies.values()) proxy.delayMs = 20;
    for (let afterMs = 0; afterMs <= 80; afterMs += 20) {
      const bounds = { timeoutMs: afterMs };
      const kept = await EphemeralNode.keep(client, `${path}/node`, "1", bounds).catch(() => undefined);
      await kept?.close();
      await client.sync(path);
      await eventually(async () => (await observer.children(path)).length === 0);
    }
  });

  test("closed while disconnected: gone when the session is back, and by the session's end at the latest; never made again", async () => {
    const node = await EphemeralNode.keep(client, `${path}/node`);
    await cut();
    const closing = node.close();
    routes.mode = "pass";
    await closing;
    expect(await seen(node.path)).toBeUndefined();
    const other = await EphemeralNode.keep(client, `${path}/other`);
    const old = client.session;
    routes.mode = "blackhole";
    await other.close();
    expect(old.signal.aborted).toBe(true);
    routes.mode = "pass";
    await eventually(() => client.state === "connected");
    await eventually(async () => !(await isLive(ensemble, old.id)));
    expect(await seen(other.path)).toBeUndefined();
    expect(await observer.children(path)).toEqual([]);
  });

  // Needs a second member.
  test.skipIf(isEmbedded)("its server killed: nothing changes for those who watch", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`);
    const before = await seen(node.path);
    const serving = await memberOf(ensemble, client);
    await ensemble.kill(serving);
    await eventually(async () => client.state === "connected" && (await memberOf(ensemble, client)) !== serving);
    await node.set("after");
    expect(await seen(node.path)).toMatchObject({ czxid: before?.czxid, data: "after", version: 1 });
  });
});

test("a group's watcher that was cut off is told what it missed: who went, came, and went and came again", async () => {
  const group = new Group(observer, path);
  await using stays = await group.join("stays", "1");
  const leaves = await group.join("leaves");
  const restarts = await group.join("restarts");
  const words = wordsOf(new Group(client, path).watch(), (event) =>
    event.type === "snapshot" ? event.members.map(({ id }) => id).join() : `${event.type} ${event.member.id}`,
  );
  await eventually(() => words.length === 1);
  await cut();
  await leaves.close();
  await restarts.close();
  await using restarted = await group.join("restarts");
  await using comes = await group.join("comes");
  await stays.set("2");
  expect([restarted.isPresent, comes.isPresent]).toEqual([true, true]);
  routes.mode = "pass";
  await eventually(() => words.length >= 6);
  expect(words[0]).toBe("stays,leaves,restarts");
  expect([...words.slice(1)].sort()).toEqual([
    "joined comes",
    "joined restarts",
    "left leaves",
    "left restarts",
    "updated stays",
  ]);
  expect(words.indexOf("left restarts")).toBeLessThan(words.indexOf("joined restarts"));
});

test("a member whose session is gone says so itself, and its group sees it leave and join", async () => {
  await using member = await new Group(client, path).join("a");
  const words = wordsOf(new Group(observer, path).watch(), ({ type }) => type);
  await eventually(() => words.length === 1);
  await expire();
  await eventually(() => words.length === 3);
  await eventually(() => member.isPresent);
  expect(words).toEqual(["snapshot", "left", "joined"]);
  expect((await new Group(observer, path).members())[0]?.stat.ephemeralOwner).toBe(client.session.id);
});

test("watchAlive: suspected while the watcher is cut off, then what is true", async () => {
  const survivor = await EphemeralNode.keep(observer, `${path}/survivor`);
  const victim = await EphemeralNode.keep(observer, `${path}/victim`);
  const words = wordsOf(
    watchAlive(client, path, { mode: "children" }),
    (life) => `${life.path.slice(path.length + 1)} ${life.status}`,
  );
  await eventually(() => words.length === 2);
  await cut();
  await eventually(() => words.length === 4);
  await victim.close();
  routes.mode = "pass";
  await eventually(() => words.length >= 6);
  expect([...words.slice(0, 2)].sort()).toEqual(["survivor alive", "victim alive"]);
  expect([...words.slice(2, 4)].sort()).toEqual(["survivor suspected", "victim suspected"]);
  expect([...words.slice(4)].sort()).toEqual(["survivor alive", "victim dead"]);
  await survivor.close();
  await eventually(() => words.at(-1) === "survivor dead");
});
