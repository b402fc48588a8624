import { Mutex, ReadWriteLock, Semaphore } from "@quorate/lock";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lined, queued } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

const patientlyMs = 30_000;
const inVainMs = 300;

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);

  test("ReadWriteLock and InterProcessReadWriteLock are one lock, downgrades included", async () => {
    const { a } = curator;
    const path = `${await ownPath(server.client)}/rw`;
    const lock = new ReadWriteLock(server.client, path);
    const reader = await lock.read.acquire();
    expect(await a.call("rw.acquire", path, "read", patientlyMs)).toBe(true);
    const writer = await queued(server.client, path, () => lock.write.acquire());
    await reader.release();
    expect(writer.isHeld()).toBe(false);
    await a.call("rw.release", path, "read");
    const written = await writer.lease;
    expect(await a.call("rw.acquire", path, "read", inVainMs)).toBe(false);
    const writing = a.call("rw.acquire", path, "write", patientlyMs);
    await lined(server.client, path, 2);
    const downgraded = await written.downgrade();
    expect(await lock.holders()).toHaveLength(1);
    await downgraded.release();
    expect(await writing).toBe(true);
    // Curator's own downgrade: a reader that bears its writer's number.
    expect(await a.call("rw.acquire", path, "read", patientlyMs)).toBe(true);
    const next = await queued(server.client, path, () => lock.write.acquire());
    await a.call("rw.release", path, "write");
    await lined(server.client, path, 2);
    expect(next.isHeld()).toBe(false);
    expect((await lock.holders()).map(({ mode }) => mode)).toEqual(["read"]);
    await a.call("rw.release", path, "read");
    await (await next.lease).release();
  });

  test("Semaphore and InterProcessSemaphoreV2 share one limit", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/semaphore`;
    const semaphore = new Semaphore(server.client, path, { limit: 3 });
    const lease = await semaphore.acquire({ permits: 2 });
    expect(await a.call("semaphore.acquire", path, 3, patientlyMs)).toBe(true);
    expect(await b.call("semaphore.acquire", path, 3, inVainMs)).toBe(false);
    expect(await semaphore.tryAcquire()).toBeUndefined();
    expect(await semaphore.holders()).toHaveLength(3);
    const waiting = await queued(server.client, `${path}/locks`, () => semaphore.acquire());
    await a.call("semaphore.release", path);
    await lease.release();
    await (await waiting.lease).release();
  });

  test("a Curator holder is asked to hand over and told, and asks ours", async () => {
    const { a } = curator;
    const path = `${await ownPath(server.client)}/lock`;
    const mutex = new Mutex(server.client, path, { lockDelayMs: 60_000 });
    await a.call("mutex.makeRevocable", path);
    expect(await a.call("mutex.acquire", path, patientlyMs)).toBe(true);
    expect(await mutex.holder()).toMatchObject({ id: undefined });
    expect(await mutex.revoke()).toBe(true);
    await eventually(async () => (await a.call("mutex.revocations", path)) === 1);
    await a.call("mutex.release", path);
    let told = 0;
    const lease = await mutex.acquire({ onRevoke: () => ++told });
    // Beside the mark of the lock-delay Curator still finds its own place in the line.
    expect(await a.call("mutex.acquire", path, inVainMs)).toBe(false);
    const holder = await mutex.holder();
    await a.call("mutex.revoke", holder?.path ?? "");
    await eventually(() => told === 1);
    await lease.release();
    expect(await a.call("mutex.acquire", path, patientlyMs)).toBe(true);
    await a.call("mutex.release", path);
  });
});
