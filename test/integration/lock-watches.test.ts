import { type Client, connect, type Lease } from "@quorate/core";
import { Mutex, Semaphore } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lineAt, lined } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";
import { watchersBelow } from "../support/watched-paths.ts";

const { members } = inject("zookeeper");
const contenders = 12;

/** One for each contender, spread over the members: the servers tell watches by session. */
let clients: Client[];
let observer: Client;
let path: string;

beforeAll(async () => {
  const at = (index: number): Promise<Client> => connect(members[index % members.length] as string);
  clients = await Promise.all(Array.from({ length: contenders }, (_, index) => at(index)));
  observer = await at(0);
});

afterAll(async () => {
  await Promise.all([...(clients ?? []), observer].map((client) => client?.close()));
});

beforeEach(async () => {
  path = `${await ownPath(observer)}/lock`;
});

/** Who watches each of those in line, as indexes of the clients, by the servers' word. */
async function watchers(directory: string, line: readonly string[]): Promise<number[][]> {
  const found = await watchersBelow(members, directory);
  return line.map((name) => {
    const sessions = found.get(`${directory}/${name}`) ?? new Set();
    return clients.flatMap(({ session }, index) => (sessions.has(session.id) ? [index] : []));
  });
}

async function queue(directory: string, acquire: (client: Client) => Promise<Lease>): Promise<Promise<Lease>[]> {
  const waiting: Promise<Lease>[] = [];
  for (const [index, client] of clients.entries()) {
    const lease = acquire(client);
    lease.catch(() => {});
    waiting.push(lease);
    await lined(observer, directory, index + 1);
  }
  return waiting;
}

/** Each watches its own znode and the one before it. */
const inPairs = Array.from({ length: contenders }, (_, index) =>
  index + 1 < contenders ? [index, index + 1] : [index],
);

test("a mutex: each znode is watched by its owner and by the one behind, whom alone a release wakes", async () => {
  const waiting = await queue(path, (client) => new Mutex(client, path).acquire());
  const line = await lineAt(observer, path);
  await eventually(async () => expect(await watchers(path, line)).toEqual(inPairs));
  await (await waiting[0])?.release();
  const next = await waiting[1];
  await observer.sync(path);
  // The others' watches are as they were: nobody else was told anything.
  expect(await watchers(path, line)).toEqual([[], ...inPairs.slice(1)]);
  await next?.release();
  for (const lease of waiting.slice(2)) await (await lease).release();
  await eventually(async () => (await watchersBelow(members, path)).size === 0);
});

test("a semaphore: whoever is first in line watches the permits; of those behind each watches the one before it", async () => {
  const semaphoreOf = (client: Client): Semaphore => new Semaphore(client, path, { limit: 1 });
  const held = await semaphoreOf(observer).acquire();
  const directory = `${path}/locks`;
  const waiting = await queue(directory, (client) => semaphoreOf(client).acquire());
  const line = await lineAt(observer, directory);
  await eventually(async () => expect(await watchers(directory, line)).toEqual(inPairs));
  await held.release();
  for (const lease of waiting) await (await lease).release();
  await lined(observer, directory, 0);
  await eventually(async () => (await watchersBelow(members, path)).size === 0);
});
