import { hostname } from "node:os";
import { type Client, connect, type Lease } from "@quorate/core";
import { Mutex, runAsOwner } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { text } from "../support/bytes.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { lineAt, lined, queued } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";
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
  path = `${await ownPath(observer)}/lock`;
});

const line = (): Promise<readonly string[]> => lineAt(observer, path);
const queue = <T>(acquire: () => Promise<T>): ReturnType<typeof queued<T>> => queued(observer, path, acquire);

describe("reentrant", () => {
  test("an owner that holds acquires again at once; the lock is given back with the last of them", async () => {
    const mutex = new Mutex(one, path, { reentrant: true });
    const owner = {};
    const leases = [await mutex.acquire({ owner }), await mutex.acquire({ owner }), await mutex.tryAcquire({ owner })];
    expect(await line()).toHaveLength(1);
    expect(new Set(leases.map((lease) => lease?.fencingToken)).size).toBe(1);
    await Promise.all([leases[0]?.release(), leases[0]?.release(), leases[1]?.release()]);
    expect(() => leases[0]?.assertHeld()).toThrow(expect.objectContaining({ reason: "released" }));
    expect(leases[0]?.validUntil).toBeLessThanOrEqual(performance.now());
    leases[2]?.assertHeld();
    expect(await line()).toHaveLength(1);
    await leases[2]?.release();
    expect(await line()).toEqual([]);
    await (await mutex.acquire({ owner })).release();
  });

  test("another owner waits, and so does one that is not known", async () => {
    const mutex = new Mutex(one, path, { reentrant: true });
    const lease = await mutex.acquire({ owner: "a" });
    expect(await mutex.tryAcquire({ owner: "b" })).toBeUndefined();
    expect(await mutex.tryAcquire()).toBeUndefined();
    const waiting = await queue(() => mutex.acquire({ owner: "b" }));
    await lease.release();
    await (await waiting.lease).release();
  });

  test("the body of run() is the owner, however deep; beside it nobody is", async () => {
    const mutex = new Mutex(one, path, { reentrant: true });
    await mutex.run(async (outer) => {
      await new Promise((resolve) => setImmediate(resolve));
      await mutex.run((inner) => expect(inner.fencingToken).toBe(outer.fencingToken));
      outer.assertHeld();
      await runAsOwner("somebody else", async () => expect(await mutex.tryAcquire()).toBeUndefined());
    });
    expect(await line()).toEqual([]);
    await runAsOwner({}, () => mutex.run(() => mutex.run(() => "ran")));
    expect(await line()).toEqual([]);
  });

  test("several at once for one owner wait for the first of them, and share what it gets", async () => {
    const mutex = new Mutex(one, path, { reentrant: true });
    const held = await new Mutex(two, path).acquire();
    const owner = Symbol("job");
    const first = await queue(() => mutex.acquire({ owner }));
    const impatient = failureOf(mutex.acquire({ owner, timeoutMs: 30 }));
    const second = mutex.acquire({ owner });
    expect(await impatient).toMatchObject({ code: "TIMEOUT" });
    expect(await line()).toHaveLength(2);
    await held.release();
    const leases = [await first.lease, await second];
    expect(leases[0]?.fencingToken).toBe(leases[1]?.fencingToken);
    for (const lease of leases) await lease.release();
    expect(await line()).toEqual([]);
  });

  test("a try waits for nobody, nor for an acquisition of the same owner that does", async () => {
    const mutex = new Mutex(one, path, { reentrant: true });
    const held = await new Mutex(two, path).acquire();
    const waiting = await queue(() => mutex.acquire({ owner: 1 }));
    expect(await mutex.tryAcquire({ owner: 1 })).toBeUndefined();
    expect(await line()).toHaveLength(2);
    await held.release();
    const leases = [await waiting.lease, await mutex.tryAcquire({ owner: 1 })];
    for (const lease of leases) lease?.assertHeld();
    for (const lease of leases) await lease?.release();
    expect(await line()).toEqual([]);
  });

  test("a lost hold is entered no more: the owner lines up anew", async () => {
    const mutex = new Mutex(one, path, { reentrant: true });
    const lost = await mutex.acquire({ owner: 1 });
    const [name] = await line();
    await observer.delete(`${path}/${name}`);
    await eventually(() => lost.signal.aborted);
    const lease = await mutex.acquire({ owner: 1 });
    expect(lease.fencingToken).toBeGreaterThan(lost.fencingToken);
    await lost.release();
    lease.assertHeld();
    await (await mutex.acquire({ owner: 1 })).release();
    expect(await line()).toHaveLength(1);
    await lease.release();
  });

  test("off: an owner waits for itself like anybody", async () => {
    const mutex = new Mutex(one, path);
    const lease = await mutex.acquire({ owner: 1 });
    expect(await mutex.tryAcquire({ owner: 1 })).toBeUndefined();
    await lease.release();
  });
});

describe("who holds and who waits", () => {
  test("is told by id, host, session, token and time", async () => {
    const mutex = new Mutex(one, path, { id: "first" });
    expect([await mutex.holder(), await mutex.queue()]).toEqual([undefined, []]);
    const lease = await mutex.acquire();
    const waiting = await queue(() => new Mutex(two, path).acquire());
    const [name] = await line();
    const stat = await observer.exists(`${path}/${name}`);
    expect(await mutex.holder()).toEqual({
      path: `${path}/${name}`,
      id: "first",
      host: hostname(),
      sessionId: one.session.id,
      fencingToken: lease.fencingToken,
      since: Number(stat?.ctime),
    });
    expect(await mutex.queue()).toMatchObject([{ id: `${process.pid}@${hostname()}`, sessionId: two.session.id }]);
    await lease.release();
    await (await waiting.lease).release();
  });

  test("is asked within bounds", async () => {
    const proxy = await proxyTo(members[0]);
    const client = await connect(proxy.connectString);
    try {
      proxy.mode = "blackhole";
      const mutex = new Mutex(client, path);
      for (const [op, asking] of [
        ["holder", mutex.holder({ timeoutMs: 20 })],
        ["queue", mutex.queue({ timeoutMs: 20 })],
        ["revoke", mutex.revoke({ timeoutMs: 20 })],
      ] as const) {
        expect(await failureOf(asking)).toMatchObject({ code: "TIMEOUT", op, path });
      }
    } finally {
      proxy.mode = "pass";
      await client.close();
      await proxy.close();
    }
  });

  test.each([
    ["10.1.2.3", { id: undefined, host: "10.1.2.3" }],
    ["fe80::1%eth0", { id: undefined, host: "fe80::1%eth0" }],
    ["worker-1", { id: "worker-1", host: undefined }],
    [null, { id: undefined, host: undefined }],
    ["null", { id: "null", host: undefined }],
    ['{"id":1}', { id: '{"id":1}', host: undefined }],
  ])("whatever others write: %j", async (data, who) => {
    await observer.create(`${path}/_c_x-lock-`, data, { mode: "ephemeral-sequential", parents: true });
    // Another client may read from a member that has not heard of it yet.
    await one.sync(path);
    expect(await new Mutex(one, path).holder()).toMatchObject(who);
  });

  test.each([{ id: "" }, { id: 7 }, { admit: "x" }, { admit: [""] }, { lockDelayMs: -1 }, { lockDelayMs: Number.NaN }])(
    "%j is refused",
    (options) => {
      expect(() => new Mutex(one, path, options as never)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    },
  );
});

describe("foreign contenders", () => {
  test("are waited for if their name is admitted, and are nobody if not", async () => {
    const kazoo = await observer.create(`${path}/5a0c__lock__`, "kazoo", {
      mode: "ephemeral-sequential",
      parents: true,
    });
    const admitting = new Mutex(one, path, { admit: ["__lock__"] });
    await (await new Mutex(two, path).acquire({ timeoutMs: 10_000 })).release();
    expect(await admitting.tryAcquire()).toBeUndefined();
    expect(await admitting.holder()).toMatchObject({ id: "kazoo", path: kazoo.path });
    const waiting = await queue(() => admitting.acquire());
    await observer.delete(kazoo.path);
    await (await waiting.lease).release();
  });
});

describe("contenders of Go's client", () => {
  test.each(["lock-", "_c_9f86d081884c7d65-lock-"])("%s counts unasked", async (name) => {
    const go = await observer.create(`${path}/${name}`, null, { mode: "ephemeral-sequential", parents: true });
    const mutex = new Mutex(one, path);
    expect(await mutex.tryAcquire()).toBeUndefined();
    expect(await mutex.holder()).toMatchObject({ id: undefined, path: go.path, fencingToken: go.stat.czxid });
    const waiting = await queue(() => mutex.acquire());
    await observer.delete(go.path);
    const lease = await waiting.lease;
    expect(lease.fencingToken).toBeGreaterThan(go.stat.czxid);
    await lease.release();
  });
});

describe("revoking", () => {
  test("tells the holder, once; it hands over when it likes", async () => {
    const heard: Lease[] = [];
    const mutex = new Mutex(one, path);
    expect(await mutex.revoke()).toBe(false);
    const lease = await mutex.acquire({ onRevoke: (held) => heard.push(held) });
    const waiting = await queue(() => new Mutex(two, path).acquire());
    expect(await new Mutex(two, path).revoke()).toBe(true);
    await eventually(() => heard.length > 0);
    const [name] = await line();
    expect(text((await observer.get(`${path}/${name}`)).data)).toBe("__REVOKE__");
    expect(await mutex.holder()).toMatchObject({ id: undefined, fencingToken: lease.fencingToken });
    expect(await mutex.revoke()).toBe(true);
    lease.assertHeld();
    expect([heard.length, heard[0]?.fencingToken, waiting.isHeld()]).toEqual([1, lease.fencingToken, false]);
    await heard[0]?.release();
    await (await waiting.lease).release();
    expect(await line()).toEqual([]);
  });

  test("one that still waits is told when it holds; one that never asked to be told just goes on", async () => {
    const held = await new Mutex(two, path).acquire();
    expect(await new Mutex(one, path).revoke()).toBe(true);
    let told = 0;
    const waiting = await queue(() => new Mutex(one, path).acquire({ onRevoke: () => ++told }));
    await observer.set(`${path}/${(await line())[1]}`, "__REVOKE__");
    held.assertHeld();
    expect(told).toBe(0);
    await held.release();
    const lease = await waiting.lease;
    await eventually(() => told === 1);
    await lease.release();
  });

  test("other data is no revocation, and what the listener throws stays there", async () => {
    let told = 0;
    const lease = await new Mutex(one, path).acquire({
      onRevoke: () => {
        told++;
        throw new Error("of the listener");
      },
    });
    const [name] = await line();
    await observer.set(`${path}/${name}`, "something");
    await observer.set(`${path}/${name}`, "__REVOKE__");
    await eventually(() => told === 1);
    lease.assertHeld();
    await lease.release();
    expect(await line()).toEqual([]);
  });
});

describe("lock-delay", () => {
  const lockDelayMs = 700;

  test("after a clean release the next one waits for nothing, be it in line or not", async () => {
    const mutexes = [one, two].map((client) => new Mutex(client, path, { lockDelayMs: 600_000 }));
    const lease = await mutexes[0]?.acquire();
    const waiting = await queue(async () => mutexes[1]?.acquire());
    await lease?.release();
    await (await waiting.lease)?.release();
    await (await mutexes[0]?.tryAcquire())?.release();
    expect(await observer.sync(path).then(() => observer.children(path))).toEqual([]);
  });

  test("after a loss whoever is first waits, and tells from then on of its own", async () => {
    const doomed = await connect(connectString);
    const before = performance.now();
    await new Mutex(doomed, path, { lockDelayMs }).acquire();
    const waiting = await queue(() => new Mutex(two, path, { lockDelayMs }).acquire());
    await doomed.close();
    await lined(observer, path, 1);
    expect(waiting.isHeld()).toBe(false);
    const lease = await waiting.lease;
    expect(performance.now() - before).toBeGreaterThanOrEqual(lockDelayMs);
    const [name] = await line();
    expect(text((await observer.get(`${path}/held`)).data)).toBe(name);
    await lease.release();
    expect(await observer.sync(path).then(() => observer.children(path))).toEqual([]);
  });

  test("given up meanwhile: no contender stays, and the next one waits as well", async () => {
    const doomed = await connect(connectString);
    await new Mutex(doomed, path, { lockDelayMs }).acquire();
    await doomed.close();
    const mutex = new Mutex(two, path, { lockDelayMs });
    expect(await failureOf(mutex.acquire({ timeoutMs: 50 }))).toMatchObject({ code: "TIMEOUT" });
    await lined(observer, path, 0);
    const before = performance.now();
    const lease = await mutex.tryAcquire();
    expect(performance.now() - before).toBeGreaterThanOrEqual(lockDelayMs - 1);
    await lease?.release();
  });

  test("a holder's znode deleted by someone else is a loss; one deleted while it waits out the delay lines up again", async () => {
    const mutex = new Mutex(one, path, { lockDelayMs });
    const lost = await mutex.acquire();
    await observer.delete(`${path}/${(await line())[0]}`);
    const waiting = await queue(() => new Mutex(two, path, { lockDelayMs }).acquire());
    const [evicted = ""] = await line();
    await observer.delete(`${path}/${evicted}`);
    const lease = await waiting.lease;
    expect((await line())[0]).not.toBe(evicted);
    expect(await line()).toHaveLength(1);
    await lost.release();
    lease.assertHeld();
    await lease.release();
    expect(await observer.sync(path).then(() => observer.children(path))).toEqual([]);
  });

  test("costs one round trip more to acquire, none to release; without the option nothing", async () => {
    const proxy = await proxyTo(members[0]);
    const client = await connect(proxy.connectString);
    try {
      await observer.create(path);
      await client.sync(path);
      for (const [options, requests] of [
        [{ lockDelayMs }, { create2: 1, getChildren: 1, multi: 1 }],
        [{}, { create2: 1, getChildren: 1 }],
      ] as const) {
        const mutex = new Mutex(client, path, options);
        let lease: Lease | undefined;
        const acquired = await traffic(proxy, async () => {
          lease = await mutex.acquire();
        });
        expect(acquired).toEqual({ roundTrips: Object.keys(requests).length - 1, requests });
        expect((await traffic(proxy, async () => lease?.release())).roundTrips).toBe(1);
      }
    } finally {
      await client.close();
      await proxy.close();
    }
  });
});
