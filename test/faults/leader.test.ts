import type { Client } from "@quorate/core";
import { LeaderLatch, type Term } from "@quorate/leader";
import type { ReplyMatch } from "@quorate/testing";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { isEmbedded, type Servers } from "../support/servers.ts";
import { eventsOf, statesOf } from "./support/follow.ts";
import type { Routes } from "./support/routes.ts";
import { setScene } from "./support/scene.ts";
import { isLive, memberOf } from "./support/server-view.ts";

let ensemble: Servers;
let routes: Routes;
let client: Client;
let observer: Client;
let path: string;
let expire: () => Promise<void>;

setScene("leaders", (scene) => {
  ({ ensemble, routes, client, observer, expire } = scene);
  path = `${scene.path}/x`;
});

interface Node {
  readonly id: string;
  readonly czxid: bigint;
  readonly owner: bigint;
}

/** Who is in line by the servers' word, in the line's order. */
async function nodes(): Promise<Node[]> {
  await observer.sync(path);
  if ((await observer.exists(path)) === undefined) return [];
  const found: Node[] = [];
  for (const name of await observer.children(path)) {
    const { data, stat } = await observer.get(`${path}/${name}`);
    found.push({ id: Buffer.from(data ?? []).toString(), czxid: stat.czxid, owner: stat.ephemeralOwner });
  }
  return found.sort((a, b) => Number(a.czxid - b.czxid));
}

/** Leads and leads again until the client is closed; `wins` grows with every term, `lost` tells of each end in the order seen. */
function contender(latch: LeaderLatch): { readonly wins: Term[]; readonly log: string[] } {
  const seen = { wins: [] as Term[], log: [] as string[] };
  void (async () => {
    for await (const term of latch.terms()) {
      seen.log.push(`begin ${seen.wins.push(term)}`);
      const number = seen.wins.length;
      term.signal.addEventListener("abort", () => {
        seen.log.push(`end ${number} ${(term.signal.reason as { reason: string }).reason}`);
      });
    }
  })();
  return seen;
}

function isHeld(term: Term | undefined): boolean {
  try {
    term?.assertHeld();
    return term !== undefined;
  } catch {
    return false;
  }
}

test("session ended by the server: the term ends before the next begins, the next in line leads, the old one is back in line", async () => {
  const a = contender(new LeaderLatch(client, path, { id: "a" }));
  await eventually(() => a.wins.length === 1);
  const old = client.session;
  const b = contender(new LeaderLatch(observer, path, { id: "b" }));
  await eventually(async () => (await nodes()).length === 2);
  await expire();
  await eventually(() => b.wins.length === 1);
  await eventually(async () => (await nodes()).map(({ id }) => id).join() === "b,a");
  // The node goes with the session, and a client that is connected just then may hear of that first.
  const ended = expect.stringMatching(/^end 1 (session-ended|node-deleted)$/);
  expect(a.log).toEqual(["begin 1", ended]);
  expect((await nodes()).map(({ owner }) => owner)).toEqual([observer.session.id, client.session.id]);
  expect(await isLive(ensemble, old.id)).toBe(false);
  await b.wins[0]?.release();
  await eventually(() => a.wins.length === 2);
  const [first, second] = a.wins;
  expect(second?.fencingToken).toBeGreaterThan(b.wins[0]?.fencingToken ?? 0n);
  expect(b.wins[0]?.fencingToken).toBeGreaterThan(first?.fencingToken ?? 0n);
  expect(a.log).toEqual(["begin 1", ended, "begin 2"]);
});

test("cut off in silence: it ends its term before the servers let another lead", async () => {
  const a = contender(new LeaderLatch(client, path, { id: "a" }));
  await eventually(() => a.wins.length === 1);
  const beliefs: boolean[] = [];
  const next = new LeaderLatch(observer, path, { id: "b" }).run(async (term) => {
    beliefs.push(isHeld(a.wins[0]));
    await observer.create("/won-by-b").catch(() => {});
    return term.fencingToken;
  });
  await eventually(async () => (await nodes()).length === 2);
  routes.mode = "blackhole";
  const stale = a.wins[0]?.transaction().create("/won-by-a").commit();
  stale?.catch(() => {});
  expect(await next).toBeGreaterThan(a.wins[0]?.fencingToken ?? 0n);
  expect(beliefs).toEqual([false]);
  expect(a.log).toEqual(["begin 1", "end 1 deadline-passed"]);
  await expect(stale).rejects.toMatchObject({
    code: expect.stringMatching(/CONNECTION_LOSS|LEASE_LOST|SESSION_EXPIRED/),
  });
  expect(await observer.exists("/won-by-a")).toBeUndefined();
  routes.mode = "pass";
  await eventually(() => a.wins.length === 2);
  expect((await nodes()).map(({ owner }) => owner)).toEqual([client.session.id]);
});

test("its own old node first in line, of a session given up here but not yet there: it does not lead on that", async () => {
  const a = contender(new LeaderLatch(client, path, { id: "a" }));
  await eventually(() => a.wins.length === 1);
  const old = client.session;
  routes.mode = "blackhole";
  await eventually(() => client.state === "lost");
  routes.mode = "pass";
  await eventually(() => a.wins.length === 2);
  // The old node went first, whenever the servers said so.
  const [first, ...others] = await nodes();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ owner: client.session.id, czxid: a.wins[1]?.fencingToken });
  expect(await isLive(ensemble, old.id)).toBe(false);
  expect(a.log).toEqual(["begin 1", "end 1 deadline-passed", "begin 2"]);
});

describe("the same session back", () => {
  async function blink(): Promise<void> {
    routes.mode = "refuse";
    routes.cut();
    await eventually(() => client.state === "suspended");
    routes.mode = "pass";
    await eventually(() => client.state === "connected");
  }

  test("nothing has happened: neither to who leads nor to who waits, nor to those who watch", async () => {
    const a = contender(new LeaderLatch(client, path, { id: "a" }));
    const other = `${path}-other`;
    await eventually(() => a.wins.length === 1);
    const holder = contender(new LeaderLatch(observer, other, { id: "holder" }));
    await eventually(() => holder.wins.length === 1);
    const waiter = contender(new LeaderLatch(client, other, { id: "waiter" }));
    await eventually(async () => (await observer.children(other)).length === 2);
    const before = [await nodes(), await observer.children(other)];
    await using watch = observer.watch("/", { mode: "recursive" });
    const events = eventsOf(watch);
    await watch.ready;
    const { id } = client.session;
    const states = statesOf(client);
    for (let round = 0; round < 3; round++) {
      await blink();
      a.wins[0]?.assertHeld();
    }
    await observer.create(`${path}-marker`);
    await eventually(() => events.includes(`created ${path}-marker`));
    expect(events.filter((event) => !event.endsWith("-marker"))).toEqual([]);
    expect([await nodes(), await observer.children(other)]).toEqual(before);
    expect(client.session.id).toBe(id);
    expect(states).toContain("suspended");
    expect([a.log, waiter.log]).toEqual([["begin 1"], []]);
    await holder.wins[0]?.release();
    await eventually(() => waiter.wins.length === 1);
  });

  test("onSuspended abort: the term ends at once, and a new one is contended for with a new node", async () => {
    const a = contender(new LeaderLatch(client, path, { id: "a", onSuspended: "abort" }));
    await eventually(() => a.wins.length === 1);
    const [before] = await nodes();
    const b = contender(new LeaderLatch(observer, path, { id: "b" }));
    await eventually(async () => (await nodes()).length === 2);
    await blink();
    await eventually(() => b.wins.length === 1);
    expect(a.log).toEqual(["begin 1", "end 1 suspended"]);
    await eventually(async () => (await nodes()).map(({ id }) => id).join() === "b,a");
    expect((await nodes()).map(({ czxid }) => czxid)).not.toContain(before?.czxid);
    expect(isHeld(a.wins[0])).toBe(false);
  });
});

describe("answers lost", () => {
  const creates = ["create", "create2"] as const;

  test.each([
    ["the create's", [{ op: creates, path: /\/_c_/ }]],
    ["the listing's", [{ op: "getChildren" }]],
    ["the create's, and that of the search for it", [{ op: creates, path: /\/_c_/ }, { op: "sync" }]],
  ] as readonly (readonly [string, readonly ReplyMatch[]])[])(
    "%s: it leads, with one node; none is left",
    async (_, matches) => {
      await observer.create(path, "", { parents: true });
      const dropped = (async () => {
        for (const match of matches) await routes.dropReply(match).dropped;
      })();
      const terms = new LeaderLatch(client, path, { id: "a" }).terms();
      const { value: term } = await terms.next();
      await dropped;
      const [first, ...others] = await nodes();
      expect(others).toEqual([]);
      expect(first).toMatchObject({ id: "a", czxid: term?.fencingToken, owner: client.session.id });
      await terms.return?.();
      expect(await nodes()).toEqual([]);
    },
  );

  test("withdrawn at any moment of lining up: no node is left", async () => {
    await observer.create(path, "", { parents: true });
    for (const proxy of routes.proxies.values()) proxy.delayMs = 20;
    for (let afterMs = 0; afterMs <= 100; afterMs += 20) {
      const terms = new LeaderLatch(client, path, { id: "a" }).terms();
      const waiting = terms.next();
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await terms.return?.();
      await waiting;
      // Behind whatever is under way.
      await client.sync(path);
      await eventually(async () => (await nodes()).length === 0);
    }
  });
});

// Needs a second member.
test.skipIf(isEmbedded)(
  "the server of a waiting candidate killed: it goes on waiting at another, and leads in its turn",
  async () => {
    const holder = contender(new LeaderLatch(observer, path, { id: "holder" }));
    await eventually(() => holder.wins.length === 1);
    const a = contender(new LeaderLatch(client, path, { id: "a" }));
    await eventually(async () => (await nodes()).length === 2);
    const before = await nodes();
    const serving = await memberOf(ensemble, client);
    await ensemble.kill(serving);
    await eventually(async () => client.state === "connected" && (await memberOf(ensemble, client)) !== serving);
    expect(await nodes()).toEqual(before);
    expect(a.wins).toEqual([]);
    await holder.wins[0]?.release();
    await eventually(() => a.wins.length === 1);
    expect(a.wins[0]?.fencingToken).toBe(before[1]?.czxid);
  },
);

test("all members restarted, again and again: there is one leader, and everyone is in line", async () => {
  const seen = [
    contender(new LeaderLatch(client, path, { id: "a" })),
    contender(new LeaderLatch(observer, path, { id: "b" })),
  ];
  for (let round = 0; round < 2; round++) {
    await eventually(async () => (await nodes()).length === 2);
    for (const { id } of ensemble.members) await ensemble.kill(id);
    for (const { id } of ensemble.members) await ensemble.start(id);
    await ensemble.ready();
    await eventually(
      async () => {
        const [first, second, ...more] = await nodes();
        const held = seen.flatMap(({ wins }) => wins).filter((term) => isHeld(term));
        return second !== undefined && more.length === 0 && held.length === 1 && held[0]?.fencingToken === first?.czxid;
      },
      { boundMs: 60_000 },
    );
  }
});
