import { type Client, connect, type Lease } from "@quorate/core";
import { ReadWriteLock } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { lineAt, lined, queued } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";
import { watchersBelow } from "../support/watched-paths.ts";

const { connectString, members } = inject("zookeeper");

let one: Client;
let two: Client;
let observer: Client;
let path: string;
let a: ReadWriteLock;
let b: ReadWriteLock;

beforeAll(async () => {
  [one, two, observer] = await Promise.all([connect(connectString), connect(connectString), connect(connectString)]);
});

afterAll(async () => {
  await Promise.all([one?.close(), two?.close(), observer?.close()]);
});

beforeEach(async () => {
  path = `${await ownPath(observer)}/rw`;
  [a, b] = [new ReadWriteLock(one, path, { id: "a" }), new ReadWriteLock(two, path, { id: "b" })];
  return async () => {
    expect(await lineAt(observer, path)).toEqual([]);
  };
});

const line = (): Promise<readonly string[]> => lineAt(observer, path);
const queue = <T>(acquire: () => Promise<T>): ReturnType<typeof queued<T>> => queued(observer, path, acquire);

/** Once this client has looked again and watches whoever is first in line now. */
const watchesFirst = ({ session }: Client): Promise<boolean> =>
  eventually(async () => {
    const [first] = await line();
    return (await watchersBelow(members, path)).get(`${path}/${first}`)?.has(session.id) ?? false;
  });

describe("readers and writers", () => {
  test("readers hold together; a writer waits for all of them, and a reader for the writer before it", async () => {
    const readers = [await b.read.acquire(), await b.read.acquire()];
    const writer = await queue(() => a.write.acquire());
    const late = await queue(() => b.read.acquire());
    expect((await line()).map((name) => name.replace(/^_c_[\da-f-]{36}-|\d{10}$/g, ""))).toEqual([
      "__READ__",
      "__READ__",
      "__WRIT__",
      "__READ__",
    ]);
    expect((await b.holders()).map(({ id, mode }) => `${id} ${mode}`)).toEqual(["b read", "b read"]);
    expect((await b.queue()).map(({ id, mode }) => `${id} ${mode}`)).toEqual(["a write", "b read"]);
    await readers[1]?.release();
    await watchesFirst(one);
    expect([writer.isHeld(), late.isHeld()]).toEqual([false, false]);
    await readers[0]?.release();
    const written = await writer.lease;
    written.assertHeld();
    expect(late.isHeld()).toBe(false);
    expect(await b.holders()).toMatchObject([{ id: "a", mode: "write", fencingToken: written.fencingToken }]);
    await written.release();
    await (await late.lease).release();
  });

  test("nobody but readers ever overlaps, and writers are served in their turn", async () => {
    await observer.create(`${path}-log`, "0");
    let [readers, writers, together] = [0, 0, 0];
    const tokens: bigint[] = [];
    const read = (lock: ReadWriteLock): Promise<void> =>
      lock.read.run(async () => {
        together = Math.max(together, ++readers);
        expect(writers).toBe(0);
        await observer.sync(path);
        readers--;
      });
    const write = (lock: ReadWriteLock): Promise<void> =>
      lock.write.run(async (lease) => {
        expect([++writers, readers]).toEqual([1, 0]);
        tokens.push(lease.fencingToken);
        await observer.sync(path);
        writers--;
      });
    const rounds = Array.from({ length: 12 }, async (_, index) => {
      const lock = index % 2 === 0 ? a : b;
      for (let round = 0; round < 4; round++) await (index % 4 === 3 ? write(lock) : read(lock));
    });
    await Promise.all(rounds);
    expect(together).toBeGreaterThan(1);
    expect(tokens).toHaveLength(12);
    expect(tokens).toEqual([...tokens].sort((x, y) => (x < y ? -1 : 1)));
  });

  test("each waiter watches exactly whoever blocks it: a release of a reader wakes the writer alone", async () => {
    const [first, second] = [await a.read.acquire(), await a.read.acquire()];
    const writer = await queue(() => b.write.acquire());
    const waiting = [];
    for (let count = 0; count < 5; count++) waiting.push(await queue(() => a.read.acquire()));
    const [r1 = "", r2 = "", w = "", ...late] = (await line()).map((name) => `${path}/${name}`);
    const [sessionOne, sessionTwo] = [one.session.id, two.session.id];
    await eventually(async () => {
      const watchers = await watchersBelow(members, path);
      expect(watchers.get(r1)?.has(sessionTwo) ?? false).toBe(false);
      expect(watchers.get(r2)?.has(sessionTwo)).toBe(true);
      expect(watchers.get(w)).toEqual(new Set([sessionOne, sessionTwo]));
      // Each of those waiting watches its own znode, and nobody else does.
      for (const reader of late) expect(watchers.get(reader)).toEqual(new Set([sessionOne]));
      return true;
    });
    await second.release();
    await eventually(async () => (await watchersBelow(members, path)).get(r1)?.has(sessionTwo));
    await first.release();
    await (await writer.lease).release();
    for (const { lease } of waiting) await (await lease).release();
  });

  test("tryAcquire: readers beside readers, nobody beside a writer, nobody overtakes", async () => {
    const reader = await a.read.tryAcquire();
    const beside = await b.read.tryAcquire();
    expect([reader, beside, await b.write.tryAcquire()]).toEqual([expect.anything(), expect.anything(), undefined]);
    const writer = await queue(() => a.write.acquire());
    expect(await b.read.tryAcquire()).toBeUndefined();
    await reader?.release();
    await beside?.release();
    const written = await writer.lease;
    expect([await b.read.tryAcquire(), await b.write.tryAcquire()]).toEqual([undefined, undefined]);
    await written.release();
  });

  test("a waiting writer that gives up lets the readers behind it in", async () => {
    const reader = await a.read.acquire();
    const controller = new AbortController();
    const writer = await queue(() => b.write.acquire({ signal: controller.signal }));
    const late = await queue(() => a.read.acquire());
    controller.abort();
    await failureOf(writer.lease);
    await (await late.lease).release();
    await reader.release();
    await lined(observer, path, 0);
  });
});

describe("downgrading and upgrading", () => {
  test("a writer becomes a reader with nobody in between: the waiting writer goes on waiting", async () => {
    const writer = await a.write.acquire();
    const next = await queue(() => b.write.acquire());
    const reader = await writer.downgrade();
    expect(() => writer.assertHeld()).toThrow(expect.objectContaining({ reason: "released" }));
    expect(writer.signal.aborted).toBe(false);
    reader.assertHeld();
    expect((await line()).map((name) => /__(READ|WRIT)__/.exec(name)?.[1])).toEqual(["READ", "WRIT"]);
    expect(await b.holders()).toMatchObject([{ id: "a", mode: "read" }]);
    await watchesFirst(two);
    expect(next.isHeld()).toBe(false);
    await reader.release();
    const successor = await next.lease;
    expect(successor.fencingToken).toBeGreaterThan(reader.fencingToken);
    await successor.release();
  });

  test("a downgrade lets those readers in that waited for this writer alone", async () => {
    const writer = await a.write.acquire();
    const reader = await queue(() => b.read.acquire());
    const own = await writer.downgrade();
    await (await reader.lease).release();
    await own.release();
  });

  test("the owner of the write lock reads beside it, and goes on reading when it is released", async () => {
    const owner = {};
    const writer = await a.write.acquire({ owner });
    const waiting = await queue(() => b.write.acquire());
    const reader = await a.read.acquire({ owner });
    await writer.release();
    await watchesFirst(two);
    expect(waiting.isHeld()).toBe(false);
    await reader.release();
    await (await waiting.lease).release();
    await a.write.run(async () => {
      expect(await b.read.tryAcquire()).toBeUndefined();
      await a.read.run((lease) => lease.assertHeld());
    });
  });

  test("an owner takes a side again whoever waits, as often as it likes, and others come when the last of it is given back", async () => {
    for (const mode of ["read", "write"] as const) {
      const owner = Symbol(mode);
      const outer = await a[mode].acquire({ owner });
      const waiting = await queue(() => b.write.acquire());
      const inner = await a[mode].acquire({ owner });
      const third = await a[mode].tryAcquire({ owner });
      expect(new Set([outer, inner, third].map((lease) => lease?.fencingToken)).size).toBe(1);
      expect((await b.holders()).map(({ id, mode: held }) => `${id} ${held}`)).toEqual(Array(3).fill(`a ${mode}`));
      expect(await b.queue()).toMatchObject([{ id: "b", mode: "write" }]);
      await outer.release();
      expect((await b.holders()).length).toBe(2);
      await third?.release();
      const last = await a[mode].acquire({ owner });
      await inner.release();
      await watchesFirst(two);
      last.assertHeld();
      expect(waiting.isHeld()).toBe(false);
      expect(await b.read.tryAcquire()).toBeUndefined();
      await last.release();
      await (await waiting.lease).release();
      await a[mode].run(() => a[mode].run(() => a[mode].run((lease) => lease.assertHeld())));
    }
  });

  test("a writer that writes twice becomes a reader, and both are given back", async () => {
    const owner = {};
    const outer = await a.write.acquire({ owner });
    const inner = await a.write.acquire({ owner });
    const waiting = await queue(() => b.write.acquire());
    const reader = await inner.downgrade();
    await outer.release();
    expect(await failureOf(a.write.acquire({ owner }))).toMatchObject({ code: "UPGRADE_REFUSED" });
    expect((await b.holders()).map(({ id, mode }) => `${id} ${mode}`)).toEqual(["a read"]);
    await watchesFirst(two);
    expect(waiting.isHeld()).toBe(false);
    await reader.release();
    await (await waiting.lease).release();
  });

  test("a writer whose znode was deleted cannot become a reader", async () => {
    const writer = await a.write.acquire();
    const [name] = await line();
    await observer.delete(`${path}/${name}`);
    const failure = await failureOf(writer.downgrade());
    expect(failure).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted" });
    await lined(observer, path, 0);
  });

  test("an owner that reads is refused the write lock at once, and leaves no contender", async () => {
    const owner = Symbol("job");
    const reader = await a.read.acquire({ owner });
    const refused = { code: "UPGRADE_REFUSED", path };
    expect(await failureOf(a.write.acquire({ owner }))).toMatchObject(refused);
    expect(await failureOf(a.write.tryAcquire({ owner }))).toMatchObject(refused);
    await reader.release();
    await (await a.write.acquire({ owner })).release();
    await a.read.run(async () => {
      expect(await failureOf(a.write.acquire())).toMatchObject(refused);
      expect(await line()).toHaveLength(1);
    });
    const downgraded = await (await a.write.acquire({ owner })).downgrade();
    expect(await failureOf(a.write.acquire({ owner }))).toMatchObject(refused);
    await downgraded.release();
  });

  test("one that is not known to be the same waits, and times out", async () => {
    const reader: Lease = await a.read.acquire();
    expect(await failureOf(a.write.acquire({ timeoutMs: 50 }))).toMatchObject({ code: "TIMEOUT" });
    await lined(observer, path, 1);
    await reader.release();
  });
});
