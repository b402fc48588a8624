import { type Client, connect, type Lease } from "@quorate/core";
import { Semaphore } from "@quorate/lock";
import type { FaultProxy } from "@quorate/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { lineAt, lined, queued } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";
import { watchersBelow } from "../support/watched-paths.ts";
import { proxyTo, traffic } from "../support/wire.ts";

const { connectString, members } = inject("zookeeper");

let one: Client;
let two: Client;
let observer: Client;
let path: string;

beforeAll(async () => {
  [one, two, observer] = await Promise.all([connect(connectString), connect(connectString), connect(connectString)]);
});

afterAll(async () => {
  await Promise.all([one?.close(), two?.close(), observer?.close()]);
});

beforeEach(async () => {
  path = `${await ownPath(observer)}/semaphore`;
  return async () => {
    await lined(observer, `${path}/locks`, 0);
    expect(await taken()).toBe(0);
  };
});

/** How many permits are taken, by the servers' word. */
const taken = async (): Promise<number> => (await lineAt(observer, `${path}/leases`)).length;

const queue = (acquire: () => Promise<Lease>): ReturnType<typeof queued<Lease>> =>
  queued(observer, `${path}/locks`, acquire);

const released = async (leases: readonly (Lease | undefined)[]): Promise<void> => {
  for (const lease of leases) await lease?.release();
};

describe("a fixed limit", () => {
  test("so many hold together and no more; each permit is a znode as Curator makes it", async () => {
    const semaphore = new Semaphore(one, path, { limit: 3, id: "a" });
    const leases = [await semaphore.acquire({ permits: 2 }), await new Semaphore(two, path, { limit: 3 }).acquire()];
    expect(await lineAt(observer, `${path}/leases`)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^_c_[0-9a-f-]{36}-lease-\d{10}$/)),
    );
    expect((await semaphore.holders()).map(({ sessionId }) => sessionId)).toEqual([
      one.session.id,
      one.session.id,
      two.session.id,
    ]);
    expect(await semaphore.tryAcquire()).toBeUndefined();
    const waiting = await queue(() => semaphore.acquire());
    expect(await semaphore.queue()).toMatchObject([{ id: "a", sessionId: one.session.id }]);
    await leases[1]?.release();
    leases[1] = await waiting.lease;
    for (const lease of leases) lease.assertHeld();
    expect(await taken()).toBe(3);
    await released(leases);
  });

  test("never more than the limit while many contend with different weights", async () => {
    let [now, most] = [0, 0];
    const semaphores = [one, two].map((client) => new Semaphore(client, path, { limit: 4 }));
    const watching = new AbortController();
    const counts: number[] = [];
    const counting = (async () => {
      while (!watching.signal.aborted) counts.push(await taken());
    })();
    const work = Array.from({ length: 10 }, async (_, index) => {
      const permits = (index % 3) + 1;
      for (let round = 0; round < 4; round++) {
        await semaphores[index % 2]?.run(
          async () => {
            now += permits;
            most = Math.max(most, now);
            await observer.sync(path);
            now -= permits;
          },
          { permits },
        );
      }
    });
    await Promise.all(work);
    watching.abort();
    await counting;
    expect(now).toBe(0);
    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThanOrEqual(4);
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
  });

  test("first come, first served: who wants much is not overtaken by who wants little", async () => {
    const semaphore = new Semaphore(one, path, { limit: 3 });
    const [first, second] = [await semaphore.acquire({ permits: 2 }), await semaphore.acquire()];
    const much = await queue(() => semaphore.acquire({ permits: 3 }));
    const little = await queue(() => new Semaphore(two, path, { limit: 3 }).acquire());
    await second.release();
    expect(await new Semaphore(two, path, { limit: 3 }).tryAcquire()).toBeUndefined();
    expect([much.isHeld(), little.isHeld(), await taken()]).toEqual([false, false, 2]);
    await first.release();
    await (await much.lease).release();
    await (await little.lease).release();
  });

  test("no herd: only the first in line watches the permits", async () => {
    const semaphore = new Semaphore(one, path, { limit: 1 });
    const lease = await semaphore.acquire();
    const waiting = [
      await queue(() => semaphore.acquire()),
      await queue(() => new Semaphore(two, path, { limit: 1 }).acquire()),
    ];
    const [head = ""] = await lineAt(observer, `${path}/locks`);
    await eventually(async () => {
      expect((await watchersBelow(members, `${path}/locks`)).get(`${path}/locks/${head}`)?.has(two.session.id)).toBe(
        true,
      );
      return true;
    });
    await lease.release();
    for (const { lease: next } of waiting) await (await next).release();
  });

  test("a weighted lease is lost with any of its permits, and its transactions check all of them", async () => {
    const lease = await new Semaphore(one, path, { limit: 3 }).acquire({ permits: 3 });
    await lease.transaction().create(`${path}/written`).commit();
    await observer.delete(`${path}/written`);
    const [, middle] = await lineAt(observer, `${path}/leases`);
    await observer.delete(`${path}/leases/${middle}`);
    const lost = { code: "LEASE_LOST", reason: "node-deleted" };
    expect(await failureOf(lease.transaction().create(`${path}/late`).commit())).toMatchObject(lost);
    expect(lease.signal.reason).toMatchObject(lost);
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining(lost));
    expect(await observer.exists(`${path}/late`)).toBeUndefined();
    await lease.release();
  });

  test.each([{ permits: 0 }, { permits: 1.5 }, { permits: 4 }])("%j of 3 is refused at once", async (options) => {
    const semaphore = new Semaphore(one, path, { limit: 3 });
    expect(await failureOf(semaphore.acquire(options))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await failureOf(semaphore.tryAcquire(options))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("giving up leaves nothing: in the line, and at its head", async () => {
    const semaphore = new Semaphore(one, path, { limit: 2 });
    const lease = await semaphore.acquire();
    const head = new AbortController();
    const first = await queue(() => semaphore.acquire({ permits: 2, signal: head.signal }));
    expect(await failureOf(semaphore.acquire({ timeoutMs: 30 }))).toMatchObject({ code: "TIMEOUT", path });
    head.abort();
    expect(await failureOf(first.lease)).toMatchObject({ code: "ABORTED" });
    await lined(observer, `${path}/locks`, 0);
    expect(await taken()).toBe(1);
    await lease.release();
    await eventually(async () => (await watchersBelow(members, path)).size === 0);
  });

  test("whose place at the head of the line is deleted lines up again", async () => {
    const semaphore = new Semaphore(one, path, { limit: 1 });
    const lease = await semaphore.acquire();
    const waiting = await queue(() => semaphore.acquire());
    const [before] = await lineAt(observer, `${path}/locks`);
    await observer.delete(`${path}/locks/${before}`);
    await eventually(async () => {
      const [now] = await lineAt(observer, `${path}/locks`);
      return now !== undefined && now !== before;
    });
    expect(waiting.isHeld()).toBe(false);
    await lease.release();
    await (await waiting.lease).release();
  });
});

describe("a shared limit", () => {
  const limited = (client: Client, initial?: number): Semaphore =>
    new Semaphore(client, path, { limit: { path: `${path}-limit`, ...(initial === undefined ? {} : { initial }) } });

  test("raised: those who wait come in, as many as there is room for", async () => {
    const semaphore = limited(one, 1);
    const leases = [await semaphore.acquire()];
    const waiting = [];
    for (let count = 0; count < 3; count++) waiting.push(await queue(() => limited(two, 1).acquire()));
    await semaphore.setLimit(3);
    expect([...((await observer.get(`${path}-limit`)).data ?? [])]).toEqual([0, 0, 0, 3]);
    for (const { lease } of waiting.slice(0, 2)) leases.push(await lease);
    expect([await taken(), waiting[2]?.isHeld()]).toEqual([3, false]);
    await semaphore.setLimit(4);
    leases.push((await waiting[2]?.lease) as Lease);
    await released(leases);
  });

  test("lowered: takes nothing away, and lets nobody in until there is room", async () => {
    const semaphore = limited(one);
    await semaphore.setLimit(3);
    const leases = [await semaphore.acquire(), await semaphore.acquire(), await semaphore.acquire()];
    await semaphore.setLimit(1);
    for (const lease of leases) lease.assertHeld();
    const waiting = await queue(() => limited(two).acquire());
    await leases[0]?.release();
    await leases[1]?.release();
    expect(await limited(two).tryAcquire()).toBeUndefined();
    expect([waiting.isHeld(), await taken()]).toEqual([false, 1]);
    await leases[2]?.release();
    await (await waiting.lease).release();
  });

  test("missing and without an initial value: waits until there is one; more than there is: waits for more", async () => {
    const waiting = await queue(() => limited(one).acquire({ permits: 2 }));
    await limited(two).setLimit(1);
    expect(waiting.isHeld()).toBe(false);
    await limited(two).setLimit(2);
    await (await waiting.lease).release();
  });

  test("unreadable: rejects, and leaves nothing", async () => {
    await observer.create(`${path}-limit`, "12");
    expect(await failureOf(limited(one).acquire())).toMatchObject({ code: "BAD_LIMIT", path: `${path}-limit` });
    expect(await failureOf(limited(one).tryAcquire())).toMatchObject({ code: "BAD_LIMIT" });
    await limited(one).setLimit(1);
    await (await limited(one).acquire()).release();
  });
});

describe("on the wire", () => {
  let proxy: FaultProxy;
  let client: Client;

  beforeEach(async () => {
    proxy = await proxyTo(members[0]);
    client = await connect(proxy.connectString);
    return async () => {
      await client.close();
      await proxy.close();
    };
  });

  test("acquiring free permits takes two round trips, however many they are", async () => {
    const semaphore = new Semaphore(client, path, { limit: 10 });
    await (await semaphore.acquire()).release();
    await client.sync(path);
    let lease: Lease | undefined;
    const acquired = await traffic(proxy, async () => {
      lease = await semaphore.acquire({ permits: 5 });
    });
    expect(acquired.requests).toMatchObject({ create2: 6, getChildren: 3 });
    expect(acquired.roundTrips).toBeLessThanOrEqual(3);
    await lease?.release();
  });
});
