import { type Client, connect, type Lease } from "@quorate/core";
import { MultiLock, Mutex, ReadWriteLock, Semaphore } from "@quorate/lock";
import type { ReplyMatch } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lineAt, lined, queued } from "../support/lock-line.ts";
import { isEmbedded, type Servers, startServers } from "../support/servers.ts";
import { ending } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { isLive, memberOf } from "./support/server-view.ts";
import { SessionThief } from "./support/session-thief.ts";

let ensemble: Servers;
let routes: Routes;
let thief: SessionThief;
let client: Client;
let observer: Client;
let path: string;
let tests = 0;

beforeAll(async () => {
  ensemble = await startServers();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
  thief = new SessionThief();
  observer = await connect(ensemble.connectString);
  client = await connect(routes.connectString, { driver: thief.driver });
  path = `/losses-${++tests}`;
});

afterEach(async () => {
  await client.close();
  await observer.close();
  await routes.close();
});

afterAll(async () => {
  await ensemble?.close();
});

const count = async (directory: string): Promise<number> => (await lineAt(observer, directory)).length;

/** Ends the client's session at the servers, behind its back. */
async function expire(): Promise<void> {
  const [member] = ensemble.members;
  await thief.endSession(client.session.id, member?.proxy ?? expect.fail("no member"));
}

/** The znode goes with the session, and a client that is connected just then may hear of that first. */
const sessionEnded = { code: "LEASE_LOST", reason: expect.stringMatching(/^(session-ended|node-deleted)$/) };

describe("the holder's session ends at the servers", () => {
  test("of a read-write lock: the waiting writer writes, then the old reader's process reads in its next session", async () => {
    const mine = new ReadWriteLock(client, path);
    const theirs = new ReadWriteLock(observer, path);
    const reader = await mine.read.acquire();
    const writer = await queued(observer, path, () => theirs.write.acquire());
    await expire();
    const written = await writer.lease;
    await eventually(() => reader.signal.aborted);
    expect(reader.signal.reason).toMatchObject(sessionEnded);
    expect(written.fencingToken).toBeGreaterThan(reader.fencingToken);
    const again = await queued(observer, path, () => mine.read.acquire());
    expect(again.isHeld()).toBe(false);
    await written.release();
    await (await again.lease).release();
    await reader.release();
    expect(await count(path)).toBe(0);
  });

  test("of a writer: it cannot become a reader any more", async () => {
    const writer = await new ReadWriteLock(client, path).write.acquire();
    await expire();
    await eventually(() => writer.signal.aborted);
    expect(await ending(writer.downgrade())).toMatchObject({ error: { code: "LEASE_LOST" } });
    await lined(observer, path, 0);
  });

  test("of a semaphore: all of its permits are free again, and the limit is kept", async () => {
    const lost = await new Semaphore(client, path, { limit: 3 }).acquire({ permits: 3 });
    const theirs = new Semaphore(observer, path, { limit: 3 });
    const waiting = await queued(observer, `${path}/locks`, () => theirs.acquire({ permits: 3 }));
    await expire();
    const lease = await waiting.lease;
    expect(await count(`${path}/leases`)).toBe(3);
    await eventually(() => lost.signal.aborted);
    expect(lost.signal.reason).toMatchObject(sessionEnded);
    expect(await ending(lost.transaction().create(`${path}/late`).commit())).toMatchObject({
      error: { code: "LEASE_LOST" },
    });
    await lost.release();
    await lease.release();
    expect(await count(`${path}/leases`)).toBe(0);
    expect(await observer.exists(`${path}/late`)).toBeUndefined();
  });

  test("of the first in a semaphore's line: it lines up behind the others in its next session", async () => {
    const theirs = new Semaphore(observer, path, { limit: 1 });
    const held = await theirs.acquire();
    const first = await queued(observer, `${path}/locks`, () => new Semaphore(client, path, { limit: 1 }).acquire());
    const second = await queued(observer, `${path}/locks`, () => theirs.acquire());
    const old = client.session.id;
    const [before] = await lineAt(observer, `${path}/locks`);
    await expire();
    await eventually(async () => {
      const line = await lineAt(observer, `${path}/locks`);
      return line.length === 2 && line[0] !== before;
    });
    expect(await isLive(ensemble, old)).toBe(false);
    await held.release();
    await (await second.lease).release();
    const lease = await first.lease;
    lease.assertHeld();
    await lease.release();
    await lined(observer, `${path}/locks`, 0);
    expect(await count(`${path}/leases`)).toBe(0);
  });

  test("of a multi-lock that holds one and waits for another: all or none in the next session", async () => {
    const locks = [`${path}-a`, `${path}-b`] as const;
    const held = await new Mutex(observer, locks[1]).acquire();
    const waiting = await queued(observer, locks[1], () => new MultiLock(client, locks).acquire());
    const [before] = await lineAt(observer, locks[0]);
    await expire();
    await eventually(async () => {
      const [now] = await lineAt(observer, locks[0]);
      return now !== undefined && now !== before;
    });
    expect(waiting.isHeld()).toBe(false);
    await held.release();
    const lease = await waiting.lease;
    await lease.transaction().create(`${path}-written`).commit();
    await lease.release();
    expect([await count(locks[0]), await count(locks[1])]).toEqual([0, 0]);
  });

  test("with a lock-delay: nobody follows before it is over; after a clean release at once", async () => {
    const lockDelayMs = 1_500;
    await new Mutex(client, path, { lockDelayMs }).acquire();
    const waiting = await queued(observer, path, () => new Mutex(observer, path, { lockDelayMs }).acquire());
    const before = performance.now();
    await expire();
    const lease = await waiting.lease;
    expect(performance.now() - before).toBeGreaterThanOrEqual(lockDelayMs);
    await lease.release();
    const patient = new Mutex(client, path, { lockDelayMs: 600_000 });
    await (await patient.acquire()).release();
    expect(await observer.sync(path).then(() => observer.children(path))).toEqual([]);
  });
});

describe("answers get lost", () => {
  /** Runs it while the answer to one such request is lost: the servers apply it. */
  async function losing<T>(match: ReplyMatch, run: () => Promise<T>): Promise<T> {
    const drop = routes.dropReply(match);
    const result = await run();
    await drop.dropped;
    return result;
  }

  const creates = ["create", "create2"] as const;

  test("of a permit: it is taken once, not twice", async () => {
    const semaphore = new Semaphore(client, path, { limit: 3 });
    await (await semaphore.acquire()).release();
    const match = { op: creates, path: /\/leases\// };
    const lease = await losing(match, () => semaphore.acquire({ permits: 3 }));
    lease.assertHeld();
    expect(await count(`${path}/leases`)).toBe(3);
    await lease.release();
    await lined(observer, `${path}/locks`, 0);
    expect(await count(`${path}/leases`)).toBe(0);
  });

  test("of a downgrade: there is one reader, and no writer", async () => {
    const writer = await new ReadWriteLock(client, path).write.acquire();
    const next = await queued(observer, path, () => new ReadWriteLock(observer, path).write.acquire());
    const reader = await losing({ op: creates, path: /__READ__/ }, () => writer.downgrade());
    expect((await lineAt(observer, path)).map((name) => /__(READ|WRIT)__/.exec(name)?.[1])).toEqual(["READ", "WRIT"]);
    expect(next.isHeld()).toBe(false);
    await reader.release();
    await (await next.lease).release();
  });

  test.each(["to acquire", "to release"])("of a lock with a delay, %s: it was clean all the same", async (step) => {
    const patient = new Mutex(client, path, { lockDelayMs: 600_000 });
    await (await patient.acquire()).release();
    const match = { op: "multi", path: /\/held$/ } as const;
    if (step === "to acquire") await (await losing(match, () => patient.acquire())).release();
    else {
      const lease = await patient.acquire();
      await losing(match, () => lease.release());
    }
    expect(await observer.sync(path).then(() => observer.children(path))).toEqual([]);
    await (await new Mutex(observer, path, { lockDelayMs: 600_000 }).acquire({ timeoutMs: 60_000 })).release();
  });
});

describe("the connection goes away and comes back in the same session", () => {
  test("leases are not told of anything, and those who wait miss nothing meanwhile", async () => {
    const own: Lease[] = [
      await new ReadWriteLock(client, `${path}-rw`).read.acquire(),
      await new Semaphore(client, `${path}-s`, { limit: 2 }).acquire({ permits: 2 }),
      await new MultiLock(client, [`${path}-a`, `${path}-b`]).acquire(),
    ];
    const theirs = [
      await new ReadWriteLock(observer, `${path}-rw2`).write.acquire(),
      await new Semaphore(observer, `${path}-s2`, { limit: 1 }).acquire(),
    ];
    const waiting = [
      await queued(observer, `${path}-rw2`, () => new ReadWriteLock(client, `${path}-rw2`).read.acquire()),
      await queued(observer, `${path}-s2/locks`, () => new Semaphore(client, `${path}-s2`, { limit: 1 }).acquire()),
    ];
    const { id } = client.session;
    routes.mode = "refuse";
    routes.cut();
    await eventually(() => client.state === "suspended");
    for (const lease of theirs) await lease.release();
    routes.mode = "pass";
    for (const { lease } of waiting) await (await lease).release();
    expect(client.session.id).toBe(id);
    for (const lease of own) {
      lease.assertHeld();
      await lease.release();
    }
  });

  // Needs a second member.
  test.skipIf(isEmbedded)("the member that serves a waiting one dies: it is let in all the same", async () => {
    const held = await new Semaphore(observer, path, { limit: 1 }).acquire();
    const waiting = await queued(observer, `${path}/locks`, () => new Semaphore(client, path, { limit: 1 }).acquire());
    const member = await memberOf(ensemble, client);
    await ensemble.kill(member);
    try {
      await held.release();
      const lease = await waiting.lease;
      lease.assertHeld();
      await lease.release();
      await lined(observer, `${path}/locks`, 0);
      expect(await count(`${path}/leases`)).toBe(0);
    } finally {
      await ensemble.start(member);
    }
  });
});
