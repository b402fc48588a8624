import { type Client, connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startKazoo } from "./support/kazoo.ts";
import { usePair } from "./support/pair.ts";
import { handOvers, Register } from "./support/register.ts";
import { describePeer } from "./support/servers.ts";

const inVainSeconds = 0.1;
const patientlySeconds = 15;

describePeer("kazoo", (server) => {
  const kazoo = usePair(server, startKazoo);
  const inLine = (path: string, count: number): Promise<string[]> =>
    eventually(async () => {
      const names = await server.look.children(path);
      return names.length === count && names;
    });

  test("Lock: one holder at a time, and nothing left of an attempt in vain", async () => {
    const { a, b } = kazoo;
    const path = `${await ownPath(server.client)}/deep/lock`;
    await a.call("lock.start", path, "first");
    await b.call("lock.start", path, "second");

    expect(await a.call("lock.acquire", path, patientlySeconds)).toBe(true);
    const [held] = await inLine(path, 1);
    expect(held).toMatch(/^[0-9a-f]{32}__lock__0000000000$/);
    expect(await server.look.text(`${path}/${held}`)).toBe("first");
    expect(await server.look.owner(`${path}/${held}`)).toBe(await a.call("session"));
    expect(await b.call("lock.acquire", path, inVainSeconds)).toBe(false);
    expect(await b.call("lock.try", path)).toBe(false);
    expect(await server.look.children(path)).toEqual([held]);

    const waiting = b.call("lock.acquire", path, patientlySeconds);
    await inLine(path, 2);
    await eventually(async () => expect(await a.call("lock.contenders", path)).toEqual(["first", "second"]));
    await a.call("lock.release", path);
    expect(await waiting).toBe(true);
    await b.call("lock.release", path);
    expect(await server.look.children(path)).toEqual([]);
  });

  test("Lock: the next one gets it when the holder's session is lost", async () => {
    const { a, b } = kazoo;
    const path = `${await ownPath(server.client)}/lock`;
    await a.call("lock.acquire", path, patientlySeconds);
    const waiting = b.call("lock.acquire", path, patientlySeconds);
    await inLine(path, 2);
    await a.call("session.kill");
    expect(await waiting).toBe(true);
    await b.call("lock.release", path);
    expect(await server.look.children(path)).toEqual([]);
  });

  test("ReadLock and WriteLock: readers together, a writer alone", async () => {
    const { a, b } = kazoo;
    const path = `${await ownPath(server.client)}/lock`;
    expect(await a.call("read.acquire", path, patientlySeconds)).toBe(true);
    expect(await b.call("read.acquire", path, patientlySeconds)).toBe(true);
    await b.call("read.release", path);
    const writing = b.call("write.acquire", path, patientlySeconds);
    await inLine(path, 2);
    await a.call("read.release", path);
    expect(await writing).toBe(true);
    expect(await a.call("read.acquire", path, inVainSeconds)).toBe(false);
    await b.call("write.release", path);
    expect(await server.look.children(path)).toEqual([]);
  });

  test("Semaphore: no more leases than there are", async () => {
    const { a, b } = kazoo;
    const path = `${await ownPath(server.client)}/semaphore`;
    expect(await a.call("semaphore.acquire", path, 1, patientlySeconds)).toBe(true);
    const waiting = b.call("semaphore.acquire", path, 1, patientlySeconds);
    await a.call("semaphore.release", path);
    expect(await waiting).toBe(true);
    await b.call("semaphore.release", path);
  });

  test("Lock waits for our Mutex where it is told its names", async () => {
    const { a } = kazoo;
    const path = `${await ownPath(server.client)}/lock`;
    const lease = await new Mutex(server.client, path).acquire();
    await a.call("lock.start", path, "kazoo", "lock-");
    let acquired = false;
    const waiting = a.call("lock.acquire", path, patientlySeconds).then(() => {
      acquired = true;
    });
    await inLine(path, 2);
    expect(acquired).toBe(false);
    await lease.release();
    await waiting;
    expect(await server.look.children(path)).toEqual([expect.stringMatching(/__lock__0000000001$/)]);
    await a.call("lock.release", path);
  });

  test.each([
    ["Lock", "lock.register"],
    ["Election", "election.register"],
  ])(
    "%s and our Mutex, each told of the other's names: nobody overlaps by the servers' order, nothing is lost, all take turns",
    { timeout: 300_000 },
    async (_, command) => {
      const each = 12;
      const register = await Register.make(server.client);
      const path = `${register.path}-lock`;
      const admitting = (client: Client): Mutex => new Mutex(client, path, { admit: ["__lock__"] });
      const gate = await admitting(server.client).acquire();
      const clients = await Promise.all(["node-1", "node-2"].map(() => connect(server.connectString)));
      try {
        const working = Promise.all([
          kazoo.a.call(command, path, register.path, "kazoo-1", each, "lock-"),
          kazoo.b.call(command, path, register.path, "kazoo-2", each, "lock-"),
          ...clients.map(async (client, index) => {
            const mutex = admitting(client);
            for (let hold = 0; hold < each; hold++) await mutex.run(() => register.write(client, `node-${index + 1}`));
          }),
        ]);
        working.catch(() => {});
        await inLine(path, 5);
        expect((await admitting(server.client).queue()).map(({ id }) => id)).toEqual(
          expect.arrayContaining(["kazoo-1", "kazoo-2"]),
        );
        await gate.release();
        await working;
      } finally {
        await Promise.all(clients.map((client) => client.close()));
      }
      const { writers } = await register.check();
      expect(writers).toHaveLength(4 * each);
      expect(handOvers(writers)).toBeGreaterThan(2 * each);
      expect(await server.look.children(path)).toEqual([]);
    },
  );

  test("Election: each leads in turn", async () => {
    const { a, b } = kazoo;
    const path = `${await ownPath(server.client)}/election`;
    await a.call("election.start", path, "first");
    expect(await a.call("election.await", path, patientlySeconds)).toBe(true);
    await b.call("election.start", path, "second");
    await inLine(path, 2);
    expect(await b.call("election.await", path, inVainSeconds)).toBe(false);
    await eventually(async () => expect(await b.call("election.contenders", path)).toEqual(["first", "second"]));
    expect(await a.call("election.resign", path)).toBe(true);
    expect(await b.call("election.await", path, patientlySeconds)).toBe(true);
    expect(await b.call("election.resign", path)).toBe(true);
    expect(await server.look.children(path)).toEqual([]);
  });
});
