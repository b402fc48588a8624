import { type Client, connect, digestAcl, type Lease, LeaseLostError, Permission } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { FaultProxy } from "@quorate/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { text } from "../support/bytes.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { lineAt, lined } from "../support/lock-line.ts";
import { observing } from "../support/observing.ts";
import { ownPath } from "../support/own-path.ts";
import { watchersBelow } from "../support/watched-paths.ts";
import { proxyTo, traffic } from "../support/wire.ts";

const { connectString, members } = inject("zookeeper");

let one: Client;
let two: Client;
/** Looks at what the servers have, and plays the operator. */
let observer: Client;
let path: string;

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
  path = `${await ownPath(observer)}/lock`;
});

const line = (): Promise<readonly string[]> => lineAt(observer, path);

/** Starts to wait, and resolves once it stands in line. */
async function lineUp(
  client: Client,
  options: Parameters<Mutex["acquire"]>[0] = {},
): Promise<{ lease: Promise<Lease> }> {
  const before = (await line()).length;
  const lease = new Mutex(client, path).acquire(options);
  lease.catch(() => {});
  await lined(observer, path, before + 1);
  return { lease };
}

/** Whether this session watches the znode, by the servers' word. */
async function isWatchedBy({ session }: Client, znode: string): Promise<boolean> {
  return (await watchersBelow(members, znode)).get(znode)?.has(session.id) ?? false;
}

describe("holding", () => {
  test("the holder's znode is what Curator makes, owned by the session, its czxid the fencing token", async () => {
    await using lease = await new Mutex(one, path).acquire();
    const [name = ""] = await line();
    expect(name).toMatch(/^_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-\d{10}$/);
    const stat = await observer.exists(`${path}/${name}`);
    expect(stat).toMatchObject({ ephemeralOwner: one.session.id, czxid: lease.fencingToken });
    expect(lease.signal.aborted).toBe(false);
    expect(lease.validUntil).toBeGreaterThan(performance.now());
    lease.assertHeld();
  });

  test("released: nobody is left, and the lease says so; releasing twice is once", async () => {
    const lease = await new Mutex(one, path).acquire();
    await Promise.all([lease.release(), lease.release()]);
    await lease.release();
    expect(await line()).toEqual([]);
    expect(lease.signal.aborted).toBe(false);
    expect(() => lease.assertHeld()).toThrow(LeaseLostError);
  });

  test("run: holds while the body runs, gives back whatever becomes of it", async () => {
    const mutex = new Mutex(one, path);
    expect(
      await mutex.run(async (lease) => {
        expect(await line()).toHaveLength(1);
        return lease.fencingToken;
      }),
    ).toBeGreaterThan(0n);
    expect(await line()).toEqual([]);
    await expect(mutex.run(() => Promise.reject(new Error("of the body")))).rejects.toThrow("of the body");
    expect(await line()).toEqual([]);
  });

  test("closing the client gives everything back", async () => {
    const client = await connect(connectString);
    const lease = await new Mutex(client, path).acquire();
    await client.close();
    expect(await line()).toEqual([]);
    expect(lease.signal.aborted).toBe(true);
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "session-ended" });
    await lease.release();
  });
});

describe("excluding", () => {
  test("two clients with several contenders each never hold it together; every token is higher than the last", async () => {
    await one.create(`${path}-counter`, "0");
    let holders = 0;
    const tokens: bigint[] = [];
    const work = async (client: Client): Promise<void> => {
      for (let round = 0; round < 12; round++) {
        await new Mutex(client, path).run(async (lease) => {
          expect(++holders).toBe(1);
          tokens.push(lease.fencingToken);
          await client.sync(path);
          // No version is checked: only the lock stands between this and a lost update.
          const count = Number(text((await client.get(`${path}-counter`)).data));
          await client.set(`${path}-counter`, String(count + 1));
          holders--;
        });
      }
    };
    await Promise.all([one, two].flatMap((client) => [work(client), work(client), work(client)]));
    await observer.sync(path);
    expect(text((await observer.get(`${path}-counter`)).data)).toBe("72");
    expect(tokens).toHaveLength(72);
    expect(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as bigint))).toBe(true);
    expect(await line()).toEqual([]);
  });

  test("first come, first served, whichever client it is", async () => {
    const order: number[] = [];
    const holder = await new Mutex(observer, path).acquire();
    const waiting: Promise<void>[] = [];
    for (const [index, client] of [one, two, two, one, two, one].entries()) {
      const { lease } = await lineUp(client);
      waiting.push(
        lease.then(async (held) => {
          order.push(index);
          await held.release();
        }),
      );
    }
    await holder.release();
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await line()).toEqual([]);
  });

  test("tryAcquire: a lease where nobody is, else nothing, and nobody is left behind", async () => {
    const held = await new Mutex(one, path).tryAcquire();
    expect(held?.fencingToken).toBeGreaterThan(0n);
    expect(await new Mutex(two, path).tryAcquire()).toBeUndefined();
    expect(await new Mutex(one, path).tryAcquire()).toBeUndefined();
    expect(await line()).toHaveLength(1);
    await held?.release();
    await using next = await new Mutex(two, path).tryAcquire();
    next?.assertHeld();
    expect(await line()).toHaveLength(1);
  });

  test("znodes beside the contenders do not count", async () => {
    await observer.create(`${path}/settings`, "not a contender", { parents: true });
    await using lease = await new Mutex(one, path).acquire({ timeoutMs: 10_000 });
    lease.assertHeld();
  });

  test("without permission: NO_AUTH, nothing left", async () => {
    await observer.create(path, null, {
      acl: [digestAcl("stranger", "pw"), { perms: Permission.read, id: { scheme: "world", id: "anyone" } }],
    });
    const error = await failureOf(new Mutex(one, path).acquire());
    expect(error).toMatchObject({ code: "NO_AUTH" });
    expect(await observer.children(path)).toEqual([]);
  });
});

describe("giving up while waiting", () => {
  let holder: Lease;

  beforeEach(async () => {
    holder = await new Mutex(observer, path).acquire();
    return () => holder.release();
  });

  test("by time-out: TimeoutError, the place in line is gone", async () => {
    const error = await failureOf(new Mutex(one, path).acquire({ timeoutMs: 50 }));
    expect(error).toMatchObject({ code: "TIMEOUT", op: "acquire", path });
    await lined(observer, path, 1);
  });

  test("by the signal: AbortedError with its reason, the place in line is gone", async () => {
    const controller = new AbortController();
    const { lease } = await lineUp(one, { signal: controller.signal });
    const reason = new Error("changed my mind");
    controller.abort(reason);
    const error = await failureOf(lease);
    expect(error).toMatchObject({ code: "ABORTED", op: "acquire", path, cause: reason });
    await lined(observer, path, 1);
  });

  test("by closing the client: the place in line is gone", async () => {
    const client = await connect(connectString);
    const { lease } = await lineUp(client);
    await client.close();
    expect((await failureOf(lease)).code).toBe("CLOSED");
    expect(await line()).toHaveLength(1);
  });

  test("in the middle of the line: whoever stands behind does not overtake the holder", async () => {
    const controller = new AbortController();
    const middle = await lineUp(one, { signal: controller.signal });
    const last = await lineUp(two);
    let granted = false;
    void last.lease.then(() => {
      granted = true;
    });
    controller.abort();
    await failureOf(middle.lease);
    await lined(observer, path, 2);
    // It has heard that its predecessor is gone, and watches the next one.
    const [first] = await line();
    await eventually(async () => isWatchedBy(two, `${path}/${first}`));
    expect(granted).toBe(false);
    await holder.release();
    await using lease = await last.lease;
    expect(lease.fencingToken).toBeGreaterThan(holder.fencingToken);
  });

  test("leaves no watch at the servers", async () => {
    await failureOf(new Mutex(one, path).acquire({ timeoutMs: 50 }));
    await lined(observer, path, 1);
    const { lease } = await lineUp(two);
    await holder.release();
    await (await lease).release();
    await eventually(async () => (await watchersBelow(members, path)).size === 0);
  });
});

describe("an operator", () => {
  test.each([
    ["had the lock at once", (): Promise<Lease> => new Mutex(one, path).acquire()],
    [
      "had to wait for it",
      async (): Promise<Lease> => {
        const before = await new Mutex(observer, path).acquire();
        const { lease } = await lineUp(one);
        await before.release();
        return lease;
      },
    ],
  ])("who deletes the znode of a holder that %s: lost, and the next in line holds the lock", async (_when, acquire) => {
    const lease = await acquire();
    const { lease: next } = await lineUp(two);
    const lost = new Promise((resolve) => lease.signal.addEventListener("abort", resolve, { once: true }));
    await observer.delete(`${path}/${(await line())[0]}`);
    await lost;
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(lease.signal.reason).toMatchObject({ reason: "node-deleted" });
    expect(() => lease.assertHeld()).toThrow(LeaseLostError);
    expect(lease.validUntil).toBeLessThanOrEqual(performance.now());
    await using successor = await next;
    expect(successor.fencingToken).toBeGreaterThan(lease.fencingToken);
    const write = lease.transaction().create(`${path}-late`);
    expect(await failureOf(write.commit())).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted" });
    await successor.transaction().create(`${path}-right`).commit();
    expect(await observer.sync(path).then(() => observer.exists(`${path}-late`))).toBeUndefined();
    await lease.release();
    expect(await line()).toHaveLength(1);
  });

  test("who deletes a waiting znode: its owner lines up again, behind the others", async () => {
    const holder = await new Mutex(observer, path).acquire();
    const first = await lineUp(one);
    const second = await lineUp(two);
    const before = await line();
    await observer.delete(`${path}/${before[1]}`);
    await eventually(async () => {
      const now = await line();
      return now.length === 3 && now[1] === before[2];
    });
    await holder.release();
    const early = await second.lease;
    await early.release();
    await using late = await first.lease;
    expect(late.fencingToken).toBeGreaterThan(early.fencingToken);
  });

  test("who deletes the whole lock: the holder loses it, those waiting line up anew", async () => {
    const lease = await new Mutex(observer, path).acquire();
    const first = await lineUp(one);
    const second = await lineUp(two);
    const before = await line();
    const removal = observer.transaction();
    // From the end of the line on: who heard first that nobody is ahead any more would have a lease, and lose it, before it stands anew.
    for (const name of before.toReversed()) removal.delete(`${path}/${name}`);
    await removal.delete(path).commit();
    // They line up anew in either order.
    const letGo = first.lease.then((early) => early.release());
    const next = await second.lease;
    next.assertHeld();
    expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
    for (const name of await line()) expect(before).not.toContain(name);
    await next.release();
    await letGo;
    await eventually(() => lease.signal.aborted);
  });
});

describe("on the wire", () => {
  let proxy: FaultProxy;
  let client: Client;

  beforeEach(async () => {
    proxy = await proxyTo(members[0]);
    client = await connect(proxy.connectString);
    await observer.create(path);
    return async () => {
      await client.close();
      await proxy.close();
    };
  });

  test("acquiring takes one round trip, releasing one more", async () => {
    const mutex = new Mutex(client, path);
    await client.sync(path);
    const { roundTrips } = proxy.stats();
    let acquiring = 0;
    const whole = await traffic(proxy, async () => {
      const lease = await mutex.acquire();
      acquiring = proxy.stats().roundTrips - roundTrips;
      // At once: a lease held for longer has its znode watched.
      await lease.release();
    });
    expect(acquiring).toBe(1);
    expect(whole).toEqual({ roundTrips: 2, requests: { create2: 1, getChildren: 1, delete: 1 } });
  });

  test("both requests of an acquisition leave in one write", async () => {
    await client.sync(path);
    const before = proxy.stats();
    const lease = await new Mutex(client, path).acquire();
    const after = proxy.stats();
    const pings = (after.requestsByOp.ping ?? 0) - (before.requestsByOp.ping ?? 0);
    expect(after.requestChunks - before.requestChunks - pings).toBeLessThanOrEqual(1);
    await lease.release();
  });

  test("a hand-over costs the next in line nothing: no second listing", async () => {
    const holder = await new Mutex(observer, path).acquire();
    await client.sync(path);
    let waiting: { lease: Promise<Lease> } | undefined;
    const liningUp = await traffic(proxy, async () => {
      waiting = await lineUp(client);
      for (const name of await line()) {
        await eventually(async () => isWatchedBy(client, `${path}/${name}`));
      }
    });
    expect(liningUp).toEqual({ roundTrips: 2, requests: { create2: 1, getChildren: 1, exists: 2 } });
    const handedOver = await traffic(proxy, async () => {
      await holder.release();
      const lease = await waiting?.lease;
      lease?.assertHeld();
    });
    expect(handedOver.requests).toEqual({});
    await (await waiting?.lease)?.release();
  });

  test("missing parents cost one more round trip each way, once", async () => {
    const mutex = new Mutex(client, `${path}/made/when/needed`);
    await client.sync(path);
    const first = await traffic(proxy, async () => (await mutex.acquire()).release());
    expect(first.requests["createContainer"]).toBeGreaterThan(0);
    const second = await traffic(proxy, async () => (await mutex.acquire()).release());
    expect(second).toEqual({ roundTrips: 2, requests: { create2: 1, getChildren: 1, delete: 1 } });
  });
});
