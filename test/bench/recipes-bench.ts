/**
 * The locks and the latch beside Curator and kazoo on one ensemble of three, in alternating rounds; what they cost on the wire; ten thousand
 * waiters. Prints tables and writes recipes-bench.json. Needs Docker (or local ZooKeeper), and for the peers Debian's libcurator-recipes-java,
 * a JDK and python3-kazoo. `QUORATE_CONNECT` names the servers of an ensemble that runs already, one for each client in turn.
 *
 *     npm run bench:recipes [-- --rounds 5] [--only <part of a scenario's name>]
 */
import { writeFile } from "node:fs/promises";
import { env } from "node:process";
import { parseArgs } from "node:util";
import { ZooKeeperEnsemble } from "@quorate/testing";
import { compare, resultTable, verdictsOf, verdictTable } from "./recipes/compare.ts";
import { startHosts } from "./recipes/hosts.ts";
import { instanceTable, measureInstances } from "./recipes/instances.ts";
import { countRoundTrips, roundTripTable } from "./recipes/round-trips.ts";
import { scenarios } from "./recipes/scenarios.ts";
import { measureWaiters, waiterTable } from "./recipes/waiters.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, only: { type: "string", default: "" } },
});
const rounds = Number(values.rounds);
const isChosen = (name: string): boolean => name.includes(values.only);
const chosen = scenarios.filter(({ name }) => isChosen(name));

async function bench(servers: string): Promise<void> {
  const base = `/recipes-bench-${process.pid}`;
  const [server = ""] = servers.split(",");
  const hosts = await startHosts();
  try {
    const results = await compare(chosen, { hosts, servers, rounds, base });
    const verdicts = verdictsOf(chosen, results);
    console.log(`${resultTable(results)}\n\n${verdictTable(verdicts)}`);
    const roundTrips = isChosen("round trips") ? await countRoundTrips(server, `${base}-counted`) : [];
    console.log(`\n${roundTripTable(roundTrips)}`);
    const waiters = isChosen("waiters") ? await measureWaiters(server, `${base}-waiters`, 10_000) : undefined;
    if (waiters !== undefined) console.log(`\n${waiterTable(waiters)}`);
    const instances = isChosen("instances") ? await measureInstances(server, `${base}-instances`, 20_000) : undefined;
    if (instances !== undefined) console.log(`\n${instanceTable(instances)}`);
    const report = { rounds, node: process.version, verdicts, results, roundTrips, waiters, instances };
    await writeFile("recipes-bench.json", JSON.stringify(report, undefined, 2));
  } finally {
    await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
  }
}

if (env["QUORATE_CONNECT"] !== undefined) await bench(env["QUORATE_CONNECT"]);
else {
  await using ensemble = await ZooKeeperEnsemble.start({ nodes: 3, tickTimeMs: 2000 });
  const leader = await ensemble.leader();
  const servers = (await ensemble.directConnectString()).split(",");
  // The first client's server is a follower, as most clients' is.
  if (leader?.id === 1) servers.reverse();
  await bench(servers.join(","));
}
