import { type Client, connect, digestAcl } from "@quorate/core";
import { MultiLock, Mutex, StripedLock } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { lineAt, lined, queued } from "../support/lock-line.ts";
import { observing } from "../support/observing.ts";
import { ownPath } from "../support/own-path.ts";

const { connectString } = inject("zookeeper");

let one: Client;
let two: Client;
let observer: Client;
let root: string;

beforeAll(async () => {
  [one, two, observer] = await Promise.all([
    connect(connectString),
    connect(connectString),
    connect(connectString, observing),
  ]);
});

afterAll(async () => {
  await Promise.all([one?.close(), two?.close(), observer?.close()]);
});

beforeEach(async () => {
  root = await ownPath(observer);
});

const paths = (...names: readonly string[]): string[] => names.map((name) => `${root}/${name}`);
const standing = async (): Promise<number[]> =>
  Promise.all(paths("a", "b", "c").map(async (path) => (await lineAt(observer, path)).length));

describe("a multi-lock", () => {
  test("holds all of its locks, in the order of their paths, and gives all of them back", async () => {
    const multi = new MultiLock(one, paths("c", "a", "b"));
    expect(multi.paths).toEqual(paths("a", "b", "c"));
    const lease = await multi.acquire();
    expect(await standing()).toEqual([1, 1, 1]);
    const tokens = [...lease.fencingTokens.values()];
    expect(tokens).toEqual([...tokens].sort((x, y) => (x < y ? -1 : 1)));
    expect(lease.fencingToken).toBe(tokens[2]);
    expect((await new Mutex(two, `${root}/b`).holder())?.fencingToken).toBe(lease.fencingTokens.get(`${root}/b`));
    expect(await new Mutex(two, `${root}/b`).tryAcquire()).toBeUndefined();
    await Promise.all([lease.release(), lease.release()]);
    expect(await standing()).toEqual([0, 0, 0]);
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ reason: "released" }));
    expect(lease.signal.aborted).toBe(false);
  });

  test("tried: all or none", async () => {
    const held = await new Mutex(two, `${root}/b`).acquire();
    expect(await new MultiLock(one, paths("a", "b", "c")).tryAcquire()).toBeUndefined();
    expect(await standing()).toEqual([0, 1, 0]);
    await held.release();
    const lease = await new MultiLock(one, paths("a", "b", "c")).tryAcquire();
    expect(await standing()).toEqual([1, 1, 1]);
    await lease?.release();
  });

  test("fails on one: those it held are given back, and the error is the first one", async () => {
    await observer.create(`${root}/b`, null, { acl: [digestAcl("stranger", "pw")] });
    const failure = await failureOf(new MultiLock(one, paths("a", "b", "c")).acquire());
    expect(failure).toMatchObject({ code: "NO_AUTH" });
    expect((await lineAt(observer, `${root}/a`)).length).toBe(0);
  });

  test("gives up while it waits for one: those it held are given back", async () => {
    const held = await new Mutex(two, `${root}/b`).acquire();
    const controller = new AbortController();
    const multi = new MultiLock(one, paths("a", "b", "c"));
    const waiting = await queued(observer, `${root}/b`, () => multi.acquire({ signal: controller.signal }));
    expect(await standing()).toEqual([1, 2, 0]);
    controller.abort();
    expect(await failureOf(waiting.lease)).toMatchObject({ code: "ABORTED" });
    await lined(observer, `${root}/a`, 0);
    await lined(observer, `${root}/b`, 1);
    await held.release();
  });

  test("whose first lock is lost while it waits for the second starts anew", async () => {
    const held = await new Mutex(two, `${root}/b`).acquire();
    const multi = new MultiLock(one, paths("a", "b"));
    const waiting = await queued(observer, `${root}/b`, () => multi.acquire());
    const [lost = ""] = await lineAt(observer, `${root}/a`);
    await observer.delete(`${root}/a/${lost}`);
    await eventually(async () => {
      const [now] = await lineAt(observer, `${root}/a`);
      return now !== undefined && now !== lost;
    });
    await lined(observer, `${root}/b`, 2);
    expect(waiting.isHeld()).toBe(false);
    await held.release();
    const lease = await waiting.lease;
    lease.assertHeld();
    await lease.release();
    expect(await standing()).toEqual([0, 0, 0]);
  });

  test("is lost as a whole with any of its locks, and writes nothing any more", async () => {
    const lease = await new MultiLock(one, paths("a", "b", "c")).acquire();
    await lease.transaction().create(`${root}/written`).commit();
    const [middle] = await lineAt(observer, `${root}/b`);
    await observer.delete(`${root}/b/${middle}`);
    const lost = { code: "LEASE_LOST", reason: "node-deleted", path: `${root}/b/${middle}` };
    expect(await failureOf(lease.transaction().create(`${root}/late`).commit())).toMatchObject(lost);
    expect(lease.signal.reason).toMatchObject(lost);
    expect(await observer.exists(`${root}/late`)).toBeUndefined();
    expect(await failureOf(lease.transaction().commit())).toMatchObject(lost);
    await lease.release();
    expect(await standing()).toEqual([0, 0, 0]);
  });

  test("errors of its transactions count the caller's operations", async () => {
    await new MultiLock(one, paths("a", "b")).run(async (lease) => {
      const commit = lease.transaction().create(`${root}/new`).delete(`${root}/missing`).commit();
      expect(await failureOf(commit)).toMatchObject({ code: "NO_NODE", index: 1, path: `${root}/missing` });
      expect(await lease.transaction().create(`${root}/new`).commit()).toHaveLength(1);
    });
  });

  test("any order of any two of them never ends in a deadlock", async () => {
    let holders = 0;
    const sets = [paths("a", "b", "c"), paths("c", "b"), paths("b", "a"), paths("c", "a")];
    const working = [...sets, ...sets].map(async (set, index) => {
      const multi = new MultiLock(index % 2 ? one : two, set);
      // All of them share a lock with each other but for the first letter's: count those that hold b.
      for (let round = 0; round < 3; round++) {
        await multi.run(async () => {
          if (!set.includes(`${root}/b`)) return;
          expect(++holders).toBe(1);
          await observer.sync(root);
          holders--;
        });
      }
    });
    await Promise.all(working);
    expect(await standing()).toEqual([0, 0, 0]);
  });

  test("waits for admitted names, as a mutex of the same options does", async () => {
    const kazoo = await observer.create(`${root}/b/5a0c__lock__`, "kazoo", {
      mode: "ephemeral-sequential",
      parents: true,
    });
    const options = { admit: ["__lock__"] };
    expect(await new MultiLock(one, paths("a", "b"), options).tryAcquire()).toBeUndefined();
    expect(await new StripedLock(one, `${root}/s`, { ...options, stripes: 1 }).ofAll(["x"]).tryAcquire()).toBeDefined();
    const waiting = await queued(observer, `${root}/b`, () => new MultiLock(one, paths("a", "b"), options).acquire());
    expect(waiting.isHeld()).toBe(false);
    await observer.delete(kazoo.path);
    await (await waiting.lease).release();
  });

  test("with a lock-delay: after a loss of one of them the next holder of that one waits, and of that one alone", async () => {
    const lockDelayMs = 700;
    const doomed = await connect(connectString);
    await new MultiLock(doomed, paths("a", "b"), { lockDelayMs }).acquire();
    await doomed.close();
    const before = performance.now();
    await (await new MultiLock(one, paths("b", "c"), { lockDelayMs }).acquire()).release();
    expect(performance.now() - before).toBeGreaterThanOrEqual(lockDelayMs - 1);
    expect(await observer.sync(root).then(() => observer.children(`${root}/b`))).toEqual([]);
    expect(await observer.children(`${root}/a`)).toEqual(["held"]);
    await (await new MultiLock(one, paths("b", "c"), { lockDelayMs: 600_000 }).acquire()).release();
  });

  test.each([[[]], [["/a", "/a"]], [["/a", "b"]]])("of %j is refused", (locks) => {
    expect(() => new MultiLock(one, locks)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("a striped lock", () => {
  test("gives each key always the same lock, in every process", async () => {
    const [here, there] = [one, two].map((client) => new StripedLock(client, `${root}/s`, { stripes: 8 }));
    const keys = Array.from({ length: 200 }, (_, index) => `key ${index} ä`);
    expect(keys.map((key) => here?.of(key).path)).toEqual(keys.map((key) => there?.of(key).path));
    expect(new Set(keys.map((key) => here?.of(key).path)).size).toBe(8);
    // The published test vector of FNV-1a: 0xbf9cf968.
    expect(new StripedLock(one, "/s", { stripes: 1_000_000 }).of("foobar").path).toBe("/s/735720");
    const lease = await here?.acquire("key 1");
    expect(await there?.tryAcquire("key 1")).toBeUndefined();
    await lease?.release();
    expect(await there?.run("key 1", () => "ran")).toBe("ran");
  });

  test("takes several keys at once, each stripe once", async () => {
    const striped = new StripedLock(one, `${root}/s`, { stripes: 2 });
    const lease = await striped.ofAll(["a", "b", "c", "d", "e", "f", "g"]).acquire();
    expect(lease.fencingTokens.size).toBe(2);
    await lease.release();
  });

  test.each([0, 1.5, 1_000_001, Number.NaN])("of %d stripes is refused", (stripes) => {
    expect(() => new StripedLock(one, "/s", { stripes })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});
