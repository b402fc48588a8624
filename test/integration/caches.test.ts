import { type CacheChange, type Client, connect, Permission, TreeCache } from "@quorate/core";
import type { FaultProxy } from "@quorate/testing";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { Replica, statesOf, treeOf } from "../support/cached-tree.ts";
import { eventually } from "../support/eventually.ts";
import { observing } from "../support/observing.ts";
import { oldServerDriver } from "../support/old-server.ts";
import { ownPath } from "../support/own-path.ts";
import { proxyTo } from "../support/wire.ts";

const { members } = inject("zookeeper");

let proxies: readonly FaultProxy[];
let client: Client;
let other: Client;
let path: string;

async function setUp(options: Parameters<typeof connect>[1] = {}): Promise<void> {
  proxies = await Promise.all(members.map(proxyTo));
  other = await connect(members[1] as string, observing);
  const servers = proxies.map(({ connectString }) => connectString).join(",");
  client = await connect(servers, { sessionTimeoutMs: 2_000, ...options });
  path = await ownPath(other);
  await client.sync("/");
}

afterEach(async () => {
  await client.close();
  await other.close();
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

/** Takes every server away from the client while `meanwhile` runs; with `"lost"` until the session is given up. */
async function away(until: "suspended" | "lost", meanwhile: () => Promise<unknown>): Promise<void> {
  for (const proxy of proxies) {
    proxy.mode = "refuse";
    proxy.cut();
  }
  await eventually(() => client.state === until);
  await meanwhile();
  for (const proxy of proxies) proxy.mode = "pass";
  await client.whenConnected();
}

function log(changes: AsyncIterable<CacheChange>): string[] {
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { type, path: where } of changes) seen.push(`${type} ${where.slice(path.length)}`);
    seen.push("end");
  };
  read().catch((error: Error) => seen.push(error.name));
  return seen;
}

describe.each([
  ["persistent watches", {}],
  ["one-shot watches", { driver: oldServerDriver() }],
] as const)("with %s", (_, options) => {
  beforeEach(() => setUp(options));

  async function equal(cache: TreeCache): Promise<void> {
    await eventually(async () => {
      expect(cache.stale).toBe(false);
      expect(statesOf(cache.entries())).toEqual(await treeOf(other, cache.path));
      return true;
    });
  }

  test("a node cache holds one znode through deletion and return", async () => {
    await using cache = await client.cache(`${path}/a`, { mode: "node" });
    const seen = log(cache.changes());
    expect([cache.get(), cache.size, cache.stale]).toEqual([undefined, 0, false]);
    await other.create(`${path}/a`, "1");
    await eventually(() => cache.get() !== undefined);
    await other.create(`${path}/a/below`);
    await other.set(`${path}/a`, "2");
    await eventually(() => String(Buffer.from(cache.get()?.data ?? [])) === "2");
    await other.delete(`${path}/a`, { recursive: true });
    await eventually(() => cache.get() === undefined);
    expect(seen).toEqual(["added /a", "updated /a", "removed /a"]);
  });

  test("a children cache holds the children with their data, and nothing else", async () => {
    await other.transaction().create(`${path}/a`, "1").create(`${path}/a/below`).create(`${path}/b`).commit();
    await using cache = await client.cache(path, { mode: "children" });
    const seen = log(cache.changes());
    expect([...cache.children()].sort()).toEqual(["a", "b"]);
    expect(cache.size).toBe(2);
    expect(cache.get(path)).toBeUndefined();
    await other.set(path, "root");
    await other.set(`${path}/a/below`, "deeper");
    await other.set(`${path}/a`, "2");
    await eventually(() => seen.length === 1);
    await other.delete(`${path}/b`);
    await eventually(() => seen.length === 2);
    await other.create(`${path}/c`);
    await eventually(() => seen.length === 3);
    expect(seen).toEqual(["updated /a", "removed /b", "added /c"]);
    await other.delete(path, { recursive: true });
    await eventually(() => cache.size === 0);
  });

  test("a tree cache is complete when it opens and follows every change", async () => {
    await other.transaction().create(`${path}/a`, "1").create(`${path}/a/b`, "2").create(`${path}/c`, null).commit();
    await using cache = await client.cache(path);
    expect(cache).toBeInstanceOf(TreeCache);
    expect(statesOf(cache.entries())).toEqual(await treeOf(other, path));
    expect(cache.stale).toBe(false);
    const seen = log(cache.changes());
    await other.transaction().create(`${path}/a/b/d`, "3").set(`${path}/c`, "4").commit();
    await eventually(() => seen.length === 2);
    await other.delete(`${path}/a`, { recursive: true });
    await eventually(() => seen.length === 5);
    expect(new Set(seen.slice(0, 2))).toEqual(new Set(["added /a/b/d", "updated /c"]));
    expect(seen.slice(2)).toEqual(["removed /a/b/d", "removed /a/b", "removed /a"]);
    expect(cache.children()).toEqual(["c"]);
    await equal(cache);
  });

  test("a missing root is an empty cache that fills when it comes, goes, and comes back", async () => {
    await using cache = await client.cache(`${path}/later`);
    expect([cache.size, cache.stale]).toEqual([0, false]);
    for (let round = 0; round < 2; round++) {
      await other
        .transaction()
        .create(`${path}/later`, "x")
        .create(`${path}/later/a`)
        .create(`${path}/later/a/b`)
        .commit();
      await eventually(() => cache.size === 3);
      await equal(cache);
      await other.delete(`${path}/later`, { recursive: true });
      await eventually(() => cache.size === 0);
    }
  });

  test.each(["suspended", "lost"] as const)(
    "deleted and created again while %s is seen as another znode",
    async (until) => {
      await other.transaction().create(`${path}/a`, "same").create(`${path}/a/old`).create(`${path}/gone`).commit();
      await using cache = await client.cache(path);
      const before = cache.get(`${path}/a`);
      const seen = log(cache.changes());
      await away(until, async () => {
        expect(cache.stale).toBe(true);
        await other.delete(`${path}/a`, { recursive: true });
        await other.delete(`${path}/gone`);
        await other.transaction().create(`${path}/a`, "same").create(`${path}/a/new`).commit();
      });
      await equal(cache);
      const after = cache.get(`${path}/a`);
      expect(after?.stat.version).toBe(before?.stat.version);
      expect(after?.stat.czxid).not.toBe(before?.stat.czxid);
      expect(seen).toContain("removed /gone");
      expect(seen).toContain("added /a/new");
      expect(seen).toContain("removed /a/old");
      expect(seen.some((change) => change === "updated /a" || change === "added /a")).toBe(true);
    },
  );

  // Repeat one with QUORATE_SEED=n.
  const seeds = process.env["QUORATE_SEED"] === undefined ? [11, 12, 13] : [Number(process.env["QUORATE_SEED"])];
  test.each(seeds)("a tree cache equals the server after a storm of changes and cuts (seed %i)", async (seed) => {
    const random = mulberry32(seed);
    const pick = (below: number): number => Math.floor(random() * below);
    const below = (): string => Array.from({ length: 1 + pick(3) }, () => `/${"abcd"[pick(4)]}`).join("");
    const root = `${path}/root`;
    await using cache = await client.cache(root);
    const replica = new Replica(cache.entries());
    const followed = replica.follow(cache.changes());
    const change = async (): Promise<void> => {
      const target = pick(15) === 0 ? root : root + below();
      const what = pick(10);
      try {
        if (what < 4) await other.create(target, String(pick(1_000)), { parents: true });
        else if (what < 7) await other.set(target, String(pick(1_000)));
        else if (what < 9) await other.delete(target, { recursive: true });
        else await other.transaction().delete(target).create(target, "anew").commit();
      } catch {
        // Not possible just now: the znode is there already, or is not.
      }
    };
    for (let round = 0; round < 8; round++) {
      const meanwhile = async (): Promise<void> => {
        for (let i = 0; i < 8; i++) await Promise.all([change(), change(), change(), change(), change()]);
      };
      const how = pick(8);
      if (how === 0) await away("lost", meanwhile);
      else if (how < 3) await away("suspended", meanwhile);
      else {
        const storm = meanwhile();
        if (how < 6) for (const proxy of proxies) proxy.cut();
        await storm;
      }
    }
    await equal(cache);
    await cache.close();
    await followed;
    expect(statesOf(replica.nodes)).toEqual(statesOf(cache.entries()));
  });
});

describe("a cache", () => {
  beforeEach(() => setUp());

  test("of thousands of znodes opens in a few round trips with one watch, and compares without reading data again", async () => {
    for (let start = 0; start < 3_000; start += 500) {
      const batch = other.transaction();
      if (start === 0) batch.create(`${path}/many`);
      for (let i = start; i < start + 500; i++) batch.create(`${path}/many/${i}`, `data ${i}`);
      await batch.commit();
    }
    await client.sync("/");
    const before = proxies.map((proxy) => proxy.stats().requestsByOp);
    await using cache = await client.cache(path);
    const count = (op: "addWatch" | "getData" | "multiRead" | "getChildren2"): number =>
      proxies.reduce((sum, proxy, i) => sum + (proxy.stats().requestsByOp[op] ?? 0) - (before[i]?.[op] ?? 0), 0);
    expect(cache.size).toBe(3_002);
    expect([count("addWatch"), count("getChildren2")]).toEqual([1, 3_002]);
    // Up to 32 znodes' data in one.
    const reads = count("getData") + count("multiRead");
    expect(reads).toBeLessThan(3_002 / 10);
    await away("suspended", async () => {
      await other.set(`${path}/many/7`, "new");
    });
    await eventually(() => !cache.stale);
    expect(Buffer.from(cache.get(`${path}/many/7`)?.data ?? []).toString()).toBe("new");
    expect(count("getData") + count("multiRead")).toBe(reads + 1);
    await other.delete(path, { recursive: true });
    await eventually(() => cache.size === 0);
  });

  test("without data keeps the stats", async () => {
    await other.create(`${path}/a`, "1");
    await using cache = await client.cache(path, { data: false });
    expect(cache.get(`${path}/a`)).toMatchObject({ data: null, stat: { dataLength: 1 } });
    await other.set(`${path}/a`, "22");
    await eventually(() => cache.get(`${path}/a`)?.stat.dataLength === 2);
  });

  test("is kept down to the depth asked for", async () => {
    await other.transaction().create(`${path}/a`).create(`${path}/a/b`).create(`${path}/a/b/c`).commit();
    await using cache = await client.cache(path, { maxDepth: 1 });
    expect([...cache.entries()].map(([where]) => where)).toEqual([path, `${path}/a`]);
    await other.transaction().create(`${path}/a/new`).create(`${path}/new`).commit();
    await eventually(() => cache.get(`${path}/new`) !== undefined);
    expect(cache.size).toBe(3);
  });

  test("leaves out what may not be read, and is refused where that is the root", async () => {
    await other.addAuth({ scheme: "digest", username: "owner", password: "secret" });
    await other.create(`${path}/hidden`, "x", { acl: [{ perms: Permission.all, id: { scheme: "auth", id: "" } }] });
    await other.create(`${path}/shown`);
    await using cache = await client.cache(path);
    expect(cache.children()).toEqual(["shown"]);
    await expect(client.cache(`${path}/hidden`)).rejects.toMatchObject({ code: "NO_AUTH" });
  });

  test("opened while no server is there waits for one, at most for timeoutMs or until the signal aborts", async () => {
    await away("suspended", async () => {
      await expect(client.cache(path, { timeoutMs: 50 })).rejects.toMatchObject({ code: "TIMEOUT" });
      const controller = new AbortController();
      const aborted = expect(client.cache(path, { signal: controller.signal })).rejects.toMatchObject({
        code: "ABORTED",
      });
      controller.abort();
      await aborted;
    });
    const proxy = proxies[0] as FaultProxy;
    proxy.cut();
    await using cache = await client.cache(path);
    expect(cache.size).toBe(1);
  });

  test("ends with its signal, with close() and with the client; what it held can still be read", async () => {
    const controller = new AbortController();
    const [bySignal, byClose, byClient] = await Promise.all([
      client.cache(path, { signal: controller.signal }),
      client.cache(path, { mode: "node" }),
      client.cache(path, { mode: "children" }),
    ]);
    const seen = [bySignal, byClose, byClient].map((cache) => log(cache.changes()));
    controller.abort();
    await byClose.close();
    await eventually(() => seen[0]?.length === 1 && seen[1]?.length === 1);
    await client.close();
    await eventually(() => seen[2]?.length === 1);
    expect(seen).toEqual([["end"], ["end"], ["end"]]);
    expect([bySignal.stale, byClose.stale, byClient.stale]).toEqual([true, true, true]);
    expect(byClose.get()?.path).toBe(path);
  });

  test("shows the application's paths under a chroot", async () => {
    await other.create(`${path}/a`, "1");
    await using rooted = await connect(`${members[1]}${path}`);
    await using cache = await rooted.cache("/");
    expect([...cache.entries()].map(([where]) => where)).toEqual(["/", "/a"]);
    await other.create(`${path}/b`);
    await eventually(() => cache.get("/b") !== undefined);
    expect([...cache.children()].sort()).toEqual(["a", "b"]);
  });

  test.each([
    ["no-slash", {}, /path/],
    ["/a", { mode: "forest" as "tree" }, /mode/],
    ["/a", { maxDepth: -1 }, /maxDepth/],
  ])("refuses %s with %o", async (where, cacheOptions, offence) => {
    await expect(client.cache(where, cacheOptions)).rejects.toThrow(offence);
    await expect(client.cache(where, cacheOptions)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

/** Small, seedable, good enough to choose changes. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
