import { type Client, connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { type Servers, startServers } from "../support/servers.ts";

let ensemble: Servers;
let one: Client;
let two: Client;
let path: string;

beforeAll(async () => {
  ensemble = await startServers({ nodes: 1, containerCheckMs: 10 });
  [one, two] = await Promise.all([connect(ensemble.connectString), connect(ensemble.connectString)]);
});

afterAll(async () => {
  await Promise.all([one?.close(), two?.close()]);
  await ensemble?.close();
});

beforeEach(async () => {
  path = `${await ownPath(one)}/locks/orders`;
});

const isGone = async (znode: string): Promise<boolean> => (await one.exists(znode)) === undefined;

/** When the lock's directory was made. */
const madeAt = async (): Promise<bigint | undefined> => (await one.exists(path))?.czxid;

test("an unused lock leaves nothing at the servers, and comes back with higher tokens", async () => {
  const tokens: bigint[] = [];
  for (const client of [one, two, one, two]) {
    const lease = await new Mutex(client, path).acquire();
    tokens.push(lease.fencingToken);
    await lease.release();
    await eventually(() => isGone(path.replace("/orders", "")));
  }
  expect(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as bigint))).toBe(true);
});

test("a lock in use stays, with those who wait for it", async () => {
  const lease = await new Mutex(one, path).acquire();
  const made = await madeAt();
  const waiting = new Mutex(two, path).acquire();
  await eventually(async () => (await one.children(path)).length === 2);
  for (const bait of ["first", "second"]) {
    const other = await new Mutex(one, `${path}-${bait}`).acquire();
    await other.release();
    await eventually(() => isGone(`${path}-${bait}`));
  }
  lease.assertHeld();
  expect(await madeAt()).toBe(made);
  await lease.release();
  await using next = await waiting;
  expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
});

test("clients that contend while the lock comes and goes always get it, one at a time, with higher tokens", async () => {
  const made = new Set<bigint | undefined>();
  const tokens: bigint[] = [];
  let holders = 0;
  const hold = (client: Client): Promise<void> =>
    new Mutex(client, path).run(async (lease) => {
      expect(++holders).toBe(1);
      tokens.push(lease.fencingToken);
      made.add(await madeAt());
      holders--;
    });
  // In between the lock is empty for a moment, in which it may go, or be about to.
  while (made.size <= 5) await Promise.all([hold(one), hold(two)]);
  expect(tokens.length).toBeGreaterThan(5);
  expect(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as bigint))).toBe(true);
});

test("tryAcquire makes what is missing, too", async () => {
  for (let round = 0; round < 3; round++) {
    const lease = await new Mutex(one, path).tryAcquire();
    expect(lease).toBeDefined();
    await lease?.release();
    await eventually(() => isGone(path));
  }
});
