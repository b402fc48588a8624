import { randomUUID } from "node:crypto";
import { type Client, connect } from "@quorate/core";
import { EphemeralNode, Group, type GroupEvent, type Liveness, type NodeState, watchAlive } from "@quorate/liveness";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { observing } from "../support/observing.ts";

const { members } = inject("zookeeper");
let client: Client;
let observer: Client;
let path: string;

beforeEach(async () => {
  client = await connect(members[0] as string);
  observer = await connect(members[1] as string, observing);
  path = `/liveness-${randomUUID()}`;
});

afterEach(async () => {
  await client.close();
  await observer.close();
});

interface Seen {
  readonly data: string;
  readonly czxid: bigint;
  readonly owner: bigint;
  readonly version: number;
}

/** The node as another member has it. */
async function seen(at: string): Promise<Seen | undefined> {
  await observer.sync(at);
  const node = await observer.get(at).catch(() => undefined);
  if (node === undefined) return undefined;
  const { czxid, ephemeralOwner, version } = node.stat;
  return { data: Buffer.from(node.data ?? []).toString(), czxid, owner: ephemeralOwner, version };
}

function kindsOf(node: EphemeralNode): string[] {
  const kinds: string[] = [];
  const word = (state: NodeState): string => (state.kind === "absent" ? state.reason : state.kind);
  void (async () => {
    for await (const state of node.states()) kinds.push(word(state));
  })();
  return kinds;
}

describe("EphemeralNode", () => {
  test("is there until it is closed, and makes its parents", async () => {
    const node = await EphemeralNode.keep(client, `${path}/alive/worker-1`, "hello");
    const kinds = kindsOf(node);
    expect(await seen(node.path)).toMatchObject({ data: "hello", owner: client.session.id, version: 0 });
    expect(node).toMatchObject({ name: "worker-1", isPresent: true, data: "hello", state: { kind: "present" } });
    await node.close();
    await node.close();
    expect(await seen(node.path)).toBeUndefined();
    expect(node).toMatchObject({ isPresent: false, state: { kind: "closed" } });
    expect(kinds).toEqual(["present", "closed"]);
    expect(await failureOf(node.set("late"))).toMatchObject({ code: "CLOSED" });
  });

  test("made again when someone deletes it, or everything above it", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/a/node`, "1");
    const kinds = kindsOf(node);
    let before = (await seen(node.path))?.czxid ?? 0n;
    for (const wipe of [node.path, path, node.path]) {
      await observer.delete(wipe, { recursive: true });
      const now = await eventually(async () => {
        const found = await seen(node.path);
        return found !== undefined && found.czxid > before ? found : undefined;
      });
      expect(now.owner).toBe(client.session.id);
      before = now.czxid;
      await eventually(() => node.state.kind === "present" && node.state.czxid === before);
    }
    expect(kinds.filter((kind) => kind === "deleted").length).toBeGreaterThan(0);
    expect(kinds.at(-1)).toBe("present");
  });

  test("the newest data: now, and when it is made again", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`, "1");
    await node.set("2");
    expect(await seen(node.path)).toMatchObject({ data: "2", version: 1 });
    await Promise.all([node.set("3"), node.set("4"), node.set("5")]);
    expect((await seen(node.path))?.data).toBe("5");
    await observer.delete(node.path);
    await eventually(async () => (await seen(node.path))?.data === "5");
    await node.set(null);
    expect((await seen(node.path))?.data).toBe("");
    expect(await failureOf(node.set("x".repeat(2_000_000)))).toMatchObject({ code: "TOO_LARGE" });
    await node.set("6");
    expect((await seen(node.path))?.data).toBe("6");
    expect(await failureOf(node.set(7 as unknown as string))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("replaces what a process that went left behind, without a moment in which nobody is there", async () => {
    await observer.create(`${path}/node`, "old", { mode: "ephemeral", parents: true });
    await using watch = observer.watch(`${path}/node`);
    await watch.ready;
    await using node = await EphemeralNode.keep(client, `${path}/node`, "new");
    expect(await seen(node.path)).toMatchObject({ data: "new", owner: client.session.id });
    const types: string[] = [];
    for await (const { type } of watch) {
      types.push(type);
      if (types.length === 2) break;
    }
    expect(types).toEqual(["deleted", "created"]);
  });

  test("of two given the same path by mistake the later has it, and they do not take turns", async () => {
    await using first = await EphemeralNode.keep(client, `${path}/node`, "first");
    await using second = await EphemeralNode.keep(observer, `${path}/node`, "second");
    await eventually(() => first.state.kind === "absent" && first.state.reason === "occupied");
    const { czxid } = await eventually(() => seen(first.path));
    expect(first.isPresent).toBe(false);
    expect(second.isPresent).toBe(true);
    await client.sync(path);
    expect(await seen(first.path)).toMatchObject({ czxid, data: "second" });
    await second.close();
    await eventually(() => first.isPresent);
    expect(await seen(first.path)).toMatchObject({ data: "first", owner: client.session.id });
  });

  test("a persistent node in its place is not touched: refused at the start, waited for later", async () => {
    await observer.create(`${path}/node`, "theirs", { parents: true });
    expect(await failureOf(EphemeralNode.keep(client, `${path}/node`))).toMatchObject({ code: "NODE_EXISTS" });
    expect((await seen(`${path}/node`))?.data).toBe("theirs");
    await observer.delete(`${path}/node`);
    await using node = await EphemeralNode.keep(client, `${path}/node`, "ours");
    await observer.transaction().delete(node.path).create(node.path, "theirs").commit();
    await eventually(() => node.state.kind === "absent" && node.state.reason === "occupied");
    expect((await seen(node.path))?.data).toBe("theirs");
    await observer.delete(node.path);
    await eventually(() => node.isPresent);
    expect((await seen(node.path))?.data).toBe("ours");
  });

  test("a node deleted and made again by another in one step is noticed", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`, "ours");
    await observer.transaction().delete(node.path).create(node.path, "theirs", { mode: "ephemeral" }).commit();
    await eventually(() => node.state.kind === "absent" && node.state.reason === "occupied");
    expect(node.isPresent).toBe(false);
  });

  test("what was given up, or refused for good, leaves no node", async () => {
    await observer.create(`${path}/persistent/child`, "", { parents: true });
    const controller = new AbortController();
    const given = [
      failureOf(EphemeralNode.keep(client, `${path}/a`, "", { timeoutMs: 0 })),
      failureOf(EphemeralNode.keep(client, `${path}/b`, "", { signal: controller.signal })),
      failureOf(EphemeralNode.keep(client, `${path}/c`, "x".repeat(2_000_000))),
      failureOf(EphemeralNode.keep(client, "bad")),
      failureOf(EphemeralNode.keep(client, `${path}/d`, "", { mode: "ttl" })),
      failureOf(EphemeralNode.keep(client, `${path}/e`, "", { mode: "odd" as "ttl" })),
      failureOf(EphemeralNode.keep(client, `${path}/f`, "", { ttlMs: 5 })),
    ];
    controller.abort();
    const codes = (await Promise.all(given)).map(({ code }) => code);
    const invalid = Array(4).fill("INVALID_ARGUMENT");
    expect(codes).toEqual(["TIMEOUT", "ABORTED", "TOO_LARGE", ...invalid]);
    await client.sync(path);
    await eventually(async () => (await client.session.ephemerals(path)).length === 0);
    expect(await observer.children(path)).toEqual(["persistent"]);
  });

  test("the end of the client closes it", async () => {
    const node = await EphemeralNode.keep(client, `${path}/node`);
    const kinds = kindsOf(node);
    await client.close();
    await eventually(() => node.state.kind === "closed");
    await node.close();
    expect(kinds.at(-1)).toBe("closed");
    expect(node.isPresent).toBe(false);
  });

  test("sequential: protected, a number of its own each time", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/member-`, "x", { mode: "ephemeral-sequential" });
    const [first] = await observer.children(path);
    expect(first).toMatch(/^_c_[0-9a-f-]{36}-member-0000000000$/);
    expect(node.state).toMatchObject({ kind: "present", path: `${path}/${first}` });
    await observer.delete(`${path}/${first}`);
    await eventually(async () => {
      const names = await observer.children(path).catch(() => []);
      return names.length === 1 && names[0] !== first;
    });
    await node.close();
    await eventually(async () => (await observer.children(path).catch(() => [])).length === 0);
  });

  test("container: stays with its children", async () => {
    const node = await EphemeralNode.keep(client, `${path}/container`, "x", { mode: "container" });
    await observer.create(`${node.path}/child`);
    await node.close();
    expect(await observer.children(node.path)).toEqual(["child"]);
    expect(node.state.kind).toBe("closed");
  });

  test("the health check withdraws it and lets it come back", async () => {
    let isHealthy: boolean | "throws" | "hangs" = false;
    const check = async (signal: AbortSignal): Promise<boolean> => {
      if (isHealthy === "hangs") await new Promise((_, reject) => signal.addEventListener("abort", reject));
      if (isHealthy === "throws") throw new Error("ill");
      return isHealthy === true;
    };
    const healthCheck = { check, intervalMs: 10, timeoutMs: 200 };
    await using node = await EphemeralNode.keep(client, `${path}/node`, "x", { healthCheck });
    expect(node.state).toEqual({ kind: "absent", reason: "unhealthy" });
    expect(await seen(node.path)).toBeUndefined();
    for (const failure of [false, "throws", "hangs"] as const) {
      isHealthy = true;
      await eventually(async () => node.isPresent && (await seen(node.path)) !== undefined);
      isHealthy = failure;
      await eventually(async () => !node.isPresent && (await seen(node.path)) === undefined);
      expect(node.state).toMatchObject({ kind: "absent", reason: "unhealthy" });
    }
  });
});

describe("Group", () => {
  test("who is in, longest first; a member knows whether it is", async () => {
    const group = new Group(client, `${path}/workers`);
    expect(await new Group(observer, group.path).members()).toEqual([]);
    await using b = await group.join("b", "1");
    await using a = await new Group(observer, group.path).join("a");
    expect((await group.members()).map(({ id, data }) => [id, data && Buffer.from(data).toString()])).toEqual([
      ["b", "1"],
      ["a", null],
    ]);
    expect([a.isPresent, b.isPresent, a.name]).toEqual([true, true, "a"]);
    await a.close();
    expect(a.isPresent).toBe(false);
    expect((await group.members()).map(({ id }) => id)).toEqual(["b"]);
    expect(await seen(`${group.path}/b`)).toMatchObject({ data: "1", owner: client.session.id });
    for (const id of ["", "a/b", "..", 7]) {
      expect(await failureOf(group.join(id as string))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("watch: a snapshot, then joined, updated and left", async () => {
    const group = new Group(client, `${path}/workers`);
    await using early = await group.join("early", "1");
    const words = await watched(new Group(observer, group.path));
    expect(words).toEqual(["snapshot early=1"]);
    const late = await group.join("late", "2");
    await eventually(() => words.length === 2);
    await late.set("3");
    await eventually(() => words.length === 3);
    await late.close();
    await eventually(() => words.length === 4);
    await observer.delete(early.path);
    await eventually(() => words.length === 6);
    expect(words).toEqual([
      "snapshot early=1",
      "joined late=2",
      "updated late=3",
      "left late=3",
      "left early=1",
      "joined early=1",
    ]);
  });

  test("watch: before there is a group, and through its deletion", async () => {
    const group = new Group(client, `${path}/workers`);
    const words = await watched(new Group(observer, group.path));
    expect(words).toEqual(["snapshot "]);
    await using member = await group.join("a", "1");
    await eventually(() => words.length === 2);
    await observer.delete(path, { recursive: true });
    // The member may be back, and deleted again, before everything above it is gone.
    await eventually(() => words.length >= 4 && words.at(-1) === "joined a=1" && member.isPresent);
    const pairs = words.slice(1).map((_, index) => (index % 2 === 0 ? "joined a=1" : "left a=1"));
    expect(words.slice(1)).toEqual(pairs);
  });
});

/** A group's events in words, from its snapshot on. Ends with the observer. */
async function watched(group: Group): Promise<readonly string[]> {
  const words: string[] = [];
  const inWords = (event: GroupEvent): string => {
    const list = event.type === "snapshot" ? event.members : [event.member];
    return `${event.type} ${list.map(({ id, data }) => `${id}=${Buffer.from(data ?? []).toString()}`).join()}`;
  };
  void (async () => {
    for await (const event of group.watch()) words.push(inWords(event));
  })();
  await eventually(() => words.length > 0);
  return words;
}

describe("watchAlive", () => {
  test("one process: dead, alive, dead again; since when, and which node", async () => {
    const controller = new AbortController();
    const lives = watchAlive(observer, `${path}/node`, { signal: controller.signal });
    const before = performance.now();
    const next = async (): Promise<Liveness> => {
      const { value, done } = await lives.next();
      if (done === true) expect.fail("it ended");
      return value;
    };
    expect(await next()).toMatchObject({ path: `${path}/node`, status: "dead", stat: undefined });
    await using node = await EphemeralNode.keep(client, `${path}/node`);
    const alive = await next();
    expect(alive).toMatchObject({ status: "alive", stat: { czxid: (await seen(node.path))?.czxid } });
    // Its data is of no interest.
    await node.set("more");
    await node.close();
    const dead = await next();
    expect(dead).toMatchObject({ status: "dead", stat: { czxid: alive.stat?.czxid } });
    const times = [before, alive.since, dead.since, performance.now()];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const last = lives.next();
    controller.abort();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  test("with a grace time the dead are suspected first, and may come back", async () => {
    await using node = await EphemeralNode.keep(client, `${path}/node`);
    const words = livesIn(watchAlive(observer, node.path, { graceMs: 1_500 }));
    await eventually(() => words.length === 1);
    await observer.delete(node.path);
    await eventually(() => words.length >= 2 && words.at(-1) === "node alive");
    expect(words).not.toContain("node dead");
    await node.close();
    await eventually(() => words.at(-1) === "node dead");
    expect(words.slice(-3)).toEqual(["node alive", "node suspected", "node dead"]);
  });

  test("a directory: each process in it", async () => {
    const group = new Group(client, path);
    await using a = await group.join("a");
    const words = livesIn(watchAlive(observer, path, { mode: "children" }));
    await eventually(() => words.length === 1);
    const b = await group.join("b");
    await eventually(() => words.length === 2);
    await b.close();
    await eventually(() => words.length === 3);
    await using again = await group.join("b");
    await eventually(() => words.length === 4);
    expect(words).toEqual(["a alive", "b alive", "b dead", "b alive"]);
    expect([a.isPresent, again.isPresent]).toEqual([true, true]);
  });

  test("bad options are refused at once", () => {
    const refused = expect.objectContaining({ code: "INVALID_ARGUMENT" });
    expect(() => watchAlive(observer, "bad")).toThrow(refused);
    expect(() => watchAlive(observer, path, { mode: "tree" as "node" })).toThrow(refused);
    expect(() => watchAlive(observer, path, { graceMs: -1 })).toThrow(refused);
  });
});

/** Name and status, as they come. Ends with the observer. */
function livesIn(lives: AsyncIterable<Liveness>): readonly string[] {
  const words: string[] = [];
  void (async () => {
    for await (const { path: at, status } of lives) words.push(`${at.slice(at.lastIndexOf("/") + 1)} ${status}`);
  })();
  return words;
}
