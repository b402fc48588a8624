/**
 * The lock: its round trips, counted by a proxy between client and server, and its cycles (acquire and release) each second. Prints a table
 * and writes lock-bench.json. `QUORATE_CONNECT` names the ensemble; without it one of three members is started.
 *
 *     npm run bench:lock [-- rounds]
 */
import { writeFile } from "node:fs/promises";
import { argv, env } from "node:process";
import { type Client, connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { FaultProxy, ZooKeeperEnsemble } from "@quorate/testing";
import { markdownTable } from "markdown-table";
import { measure, medianOf, type Sample } from "./measure.ts";

const rounds = Number(argv[2] ?? 7);
const base = `/lock-bench-${process.pid}`;

interface RoundTrips {
  readonly acquire: number;
  readonly release: number;
  /** By the waiter, from the holder's release to its own lease. */
  readonly handOff: number;
}

async function countRoundTrips(servers: string): Promise<RoundTrips> {
  const [first = ""] = servers.split(",");
  const [host = "", port] = first.split(":");
  await using holderProxy = await FaultProxy.listen({ target: { host, port: Number(port) } });
  await using waiterProxy = await FaultProxy.listen({ target: { host, port: Number(port) } });
  await using holder = await connect(holderProxy.connectString);
  await using waiter = await connect(waiterProxy.connectString);
  const count = async <T>(proxy: FaultProxy, action: () => Promise<T>): Promise<[number, T]> => {
    const before = proxy.stats().roundTrips;
    const result = await action();
    return [proxy.stats().roundTrips - before, result];
  };
  const path = `${base}/counted`;
  const mutex = new Mutex(holder, path);
  // The first one also creates the lock's directory.
  await (await mutex.acquire()).release();
  const [acquire, lease] = await count(holderProxy, () => mutex.acquire());
  const waiting = new Mutex(waiter, path).acquire();
  while ((await holder.children(path)).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  // Let the waiter's watch be armed.
  await waiter.sync("/");
  const [handOff, [release, next]] = await count(waiterProxy, async () => {
    const [trips] = await count(holderProxy, () => lease.release());
    return [trips, await waiting] as const;
  });
  await next.release();
  return { acquire, release, handOff };
}

async function cycles(client: Client): Promise<Sample> {
  const mutex = new Mutex(client, `${base}/cycles`);
  return measure(1000, 1, async () => (await mutex.acquire()).release());
}

async function bench(servers: string): Promise<void> {
  const roundTrips = await countRoundTrips(servers);
  await using client = await connect(servers);
  const samples: Sample[] = [];
  for (let round = 0; round <= rounds; round++) {
    const sample = await cycles(client);
    // The first round warms up.
    if (round > 0) samples.push(sample);
  }
  const median = medianOf(samples);
  await client.delete(base, { recursive: true });

  const rows = [
    ["round trips, acquire uncontended", String(roundTrips.acquire)],
    ["round trips, release", String(roundTrips.release)],
    ["round trips, hand-off to a waiter", String(roundTrips.handOff)],
    ["cycles/s, 1 client", median.opsPerSecond.toFixed(0)],
    ["p50 of a cycle, µs", median.p50Us.toFixed(0)],
    ["p99 of a cycle, µs", median.p99Us.toFixed(0)],
    ["client CPU, µs a cycle", median.cpuUsPerOp.toFixed(0)],
  ];
  console.log(markdownTable([["lock", ""], ...rows], { align: ["l", "r"] }));
  await writeFile(
    "lock-bench.json",
    JSON.stringify({ rounds, node: process.version, roundTrips, median, samples }, undefined, 2),
  );
}

if (env["QUORATE_CONNECT"] !== undefined) await bench(env["QUORATE_CONNECT"]);
else {
  await using ensemble = await ZooKeeperEnsemble.start({ nodes: 3, tickTimeMs: 2000 });
  await bench(await ensemble.directConnectString());
}
