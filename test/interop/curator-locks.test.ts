import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

/** How long an attempt that must not succeed may wait, and one that must. */
const inVainMs = 100;
const patientlyMs = 15_000;
const uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);
  const children = (path: string): Promise<string[]> => server.look.children(path);

  test("InterProcessMutex: one holder at a time, reentrant, and nothing left of an attempt in vain", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/deep/down/lock`;

    expect(await a.call("mutex.acquire", path, patientlyMs)).toBe(true);
    expect(await a.call("mutex.acquire", path, patientlyMs)).toBe(true);
    const [held, ...others] = await children(path);
    expect(others).toEqual([]);
    expect(held).toMatch(new RegExp(`^_c_${uuid}-lock-0000000000$`));
    expect(await server.look.owner(`${path}/${held}`)).toBe(await a.call("session"));

    expect(await b.call("mutex.acquire", path, inVainMs)).toBe(false);
    expect(await children(path)).toEqual([held]);

    await a.call("mutex.release", path);
    expect(await b.call("mutex.acquire", path, inVainMs)).toBe(false);
    await a.call("mutex.release", path);
    expect(await b.call("mutex.acquire", path, patientlyMs)).toBe(true);
    await b.call("mutex.release", path);
    expect(await children(path)).toEqual([]);
  });

  test("InterProcessMutex: the next one in line gets it, released or lost with the session", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/lock`;

    await a.call("mutex.acquire", path, patientlyMs);
    const waiting = b.call("mutex.acquire", path, patientlyMs);
    await eventually(async () => (await children(path)).length === 2);
    expect(await a.call("mutex.participants", path)).toEqual(
      (await children(path)).sort(bySequence).map((name) => `${path}/${name}`),
    );
    await a.call("mutex.release", path);
    expect(await waiting).toBe(true);

    const next = a.call("mutex.acquire", path, patientlyMs);
    await eventually(async () => (await children(path)).length === 2);
    // Asked of the thread that holds the lock.
    await b.call("session.kill");
    expect(await next).toBe(true);
    expect(await children(path)).toHaveLength(1);
    await a.call("mutex.release", path);
    await expect(b.call("mutex.release", path)).resolves.toBeNull();
  });

  test("Revoker: the holder is asked to give the lock back", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/lock`;

    await a.call("mutex.makeRevocable", path);
    await a.call("mutex.acquire", path, patientlyMs);
    const holder = `${path}/${(await children(path))[0]}`;
    await b.call("mutex.revoke", holder);
    await eventually(async () => (await a.call("mutex.revocations", path)) === 1);
    expect(await server.look.text(holder)).toBe("__REVOKE__");
    await a.call("mutex.release", path);
  });

  test("InterProcessReadWriteLock: readers together, a writer alone, a writer may read", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/lock`;

    expect(await a.call("rw.acquire", path, "read", patientlyMs)).toBe(true);
    expect(await b.call("rw.acquire", path, "read", patientlyMs)).toBe(true);
    expect((await children(path)).every((name) => name.includes("-__READ__"))).toBe(true);
    await b.call("rw.release", path, "read");
    expect(await b.call("rw.acquire", path, "write", inVainMs)).toBe(false);

    const writing = b.call("rw.acquire", path, "write", patientlyMs);
    await eventually(async () => (await children(path)).some((name) => name.includes("-__WRIT__")));
    await a.call("rw.release", path, "read");
    expect(await writing).toBe(true);
    expect(await a.call("rw.acquire", path, "read", inVainMs)).toBe(false);
    expect(await b.call("rw.acquire", path, "read", patientlyMs)).toBe(true);
    await b.call("rw.release", path, "write");
    expect(await a.call("rw.acquire", path, "read", patientlyMs)).toBe(true);
    await a.call("rw.release", path, "read");
    await b.call("rw.release", path, "read");
    expect(await children(path)).toEqual([]);
  });

  test("InterProcessSemaphoreV2: no more leases than there are", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/semaphore`;

    expect(await a.call("semaphore.acquire", path, 1, patientlyMs)).toBe(true);
    expect(await b.call("semaphore.acquire", path, 1, inVainMs)).toBe(false);
    const waiting = b.call("semaphore.acquire", path, 1, patientlyMs);
    await a.call("semaphore.release", path);
    expect(await waiting).toBe(true);
    await b.call("semaphore.release", path);
    await eventually(async () => (await children(`${path}/leases`)).length === 0);
  });
});

function bySequence(a: string, b: string): number {
  return a.slice(-10) < b.slice(-10) ? -1 : 1;
}
