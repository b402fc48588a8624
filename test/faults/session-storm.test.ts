import { connect } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { Routes } from "./support/routes.ts";
import { Seeded } from "./support/seeded.ts";
import { liveSessions, membersServing, treeAt } from "./support/server-view.ts";
import { type Storm, StormClient } from "./support/storm-client.ts";

const seed = Number(process.env["QUORATE_STORM_SEED"] ?? 20_261_121);
const rounds = 20;

let ensemble: ZooKeeperEnsemble;

beforeAll(async () => {
  ensemble = await startEnsemble();
});

afterAll(async () => {
  await ensemble?.close();
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What is done to the clients' connections and to the members, each to its end. */
function faults(clients: readonly StormClient[], random: Seeded): readonly (() => Promise<void>)[] {
  const anyClient = (): StormClient => random.pick(clients);
  const anyMember = (): number => random.pick(ensemble.members).id;
  return [
    async () => {
      // A holder: who takes the lock after it must not meet it.
      const { routes, client } = await eventually(() => clients.find(({ isHolding }) => isHolding));
      routes.mode = "blackhole";
      await eventually(() => client.state === "lost");
      await pause(random.between(0, 1_500));
      routes.mode = "pass";
    },
    async () => anyClient().routes.cut(),
    async () => {
      const { routes } = anyClient();
      routes.mode = "refuse";
      routes.cut();
      await pause(random.between(50, 800));
      routes.mode = "pass";
    },
    async () => {
      const { routes } = anyClient();
      routes.mode = "blackhole";
      await pause(random.between(200, 2_500));
      routes.mode = "pass";
    },
    async () => {
      const proxy = anyClient().routes.to(anyMember());
      proxy.delayMs = random.between(20, 300);
      await pause(random.between(200, 800));
      proxy.delayMs = 0;
    },
    async () => {
      const member = ensemble.member(anyMember());
      member.proxy.mode = random.pick(["refuse", "blackhole"]);
      member.proxy.cut();
      await ensemble.restart(member.id);
      member.proxy.mode = "pass";
    },
    async () => {
      const member = anyMember();
      await ensemble.kill(member);
      await pause(random.between(0, 500));
      await ensemble.start(member);
    },
    async () => {
      const member = anyMember();
      await ensemble.pause(member);
      await pause(random.between(200, 1_500));
      await ensemble.resume(member);
    },
  ];
}

test(`${rounds} rounds of faults while clients count, read and lock (seed ${seed})`, async () => {
  const random = new Seeded(seed);
  const storm: Storm = { isOver: false, holders: new Set(), violations: [] };
  await using observer = await connect(ensemble.connectString);
  await observer.create("/storm");
  await observer.create("/storm/counter", "0");
  await observer.create("/storm/log");
  const clients: StormClient[] = [];
  try {
    for (let count = 0; count < 3; count++) clients.push(await StormClient.open(await Routes.open(ensemble), storm));
    let isEnded = false;
    const running = Promise.all(clients.map((client) => client.run())).finally(() => {
      isEnded = true;
    });
    const possible = faults(clients, random);
    for (let round = 0; round < rounds; round++) {
      // Each of them once at least.
      await (possible[round] ?? random.pick(possible))();
      await pause(random.between(0, 300));
    }
    await ensemble.ready();
    storm.isOver = true;
    await eventually(() => isEnded, { boundMs: 60_000 });
    await running;
  } finally {
    storm.isOver = true;
    for (const { client, routes } of clients) {
      await client.close();
      await routes.close();
    }
  }
  expect(storm.violations).toEqual([]);

  // Nothing is left.
  const ids = clients.flatMap(({ sessions }) => [...sessions]);
  await eventually(async () => {
    const live = await liveSessions(ensemble);
    return ids.every((id) => !live.has(BigInt.asUintN(64, id)));
  });
  for (const id of ids) expect(await membersServing(ensemble, id)).toEqual([]);
  await observer.sync("/storm");
  if ((await observer.exists("/storm/lock")) !== undefined) expect(await observer.children("/storm/lock")).toEqual([]);

  // What the books say is what the servers have, every one of them.
  const trees = [];
  for (const { connectString } of ensemble.members) {
    await using reader = await connect(connectString);
    const all = await treeAt(reader, "/storm");
    // The lock's directory is a container: it goes when the servers like.
    trees.push(new Map([...all].filter(([path]) => path !== "/storm/lock")));
  }
  const [tree, ...others] = trees;
  for (const other of others) expect(other).toEqual(tree);
  const count = Number(tree?.get("/storm/counter"));
  const sum = (of: (client: StormClient) => number): number => clients.reduce((total, client) => total + of(client), 0);
  expect(count).toBeGreaterThanOrEqual(sum(({ increments }) => increments));
  expect(count).toBeLessThanOrEqual(sum(({ increments, unknown }) => increments + unknown));
  await observer.sync("/storm/counter");
  expect((await observer.get("/storm/counter")).stat.version).toBe(count);
  const entries = [...(tree?.keys() ?? [])].filter((path) => path.startsWith("/storm/log/")).sort();
  const tokens = entries.map((path) => BigInt(tree?.get(path) ?? -1));
  expect(tokens.length).toBeGreaterThanOrEqual(sum(({ holds }) => holds));
  expect(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as bigint))).toBe(true);
  for (const { increments, holds, reads } of clients) {
    for (const done of [increments, holds, reads]) expect(done).toBeGreaterThan(0);
  }
});
