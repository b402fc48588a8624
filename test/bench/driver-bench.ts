/**
 * The wire driver beside the npm packages `zookeeper` and `node-zookeeper-client`, on the same server, in alternating rounds. Prints a table
 * and writes driver-bench.json. `QUORATE_CONNECT` names the server; without it a standalone one is started.
 *
 *     npm run bench:driver [-- rounds]
 */
import { type ChildProcess, fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { argv, env } from "node:process";
import { fileURLToPath } from "node:url";
import { connect } from "@quorate/core";
import { ZooKeeperEnsemble } from "@quorate/testing";
import { markdownTable } from "markdown-table";
import { medianOf, type Sample } from "./measure.ts";
import type { RunScenario } from "./peer-process.ts";
import { type PeerName, peerNames } from "./peers/peer.ts";
import { type ScenarioName, scenarios } from "./scenarios.ts";

const rounds = Number(argv[2] ?? 7);

class PeerProcess {
  readonly name: PeerName;
  readonly #child: ChildProcess;

  constructor(name: PeerName, servers: string) {
    this.name = name;
    this.#child = fork(fileURLToPath(new URL("peer-process.ts", import.meta.url)), [name, servers], {
      // The built packages: what users run.
      execArgv: ["--import", "tsx"],
    });
  }

  async ready(): Promise<void> {
    await this.#answer();
  }

  async run(task: RunScenario): Promise<Sample> {
    this.#child.send(task);
    const { sample, error } = await this.#answer();
    if (sample === undefined) throw new Error(`${this.name}, ${task.scenario}: ${error}`);
    return sample;
  }

  /** Nobody waits for a clean end: the native binding's close may block. */
  close(): void {
    this.#child.kill("SIGKILL");
  }

  #answer(): Promise<{ readonly sample?: Sample; readonly error?: string }> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error(`${this.name} ended`));
      this.#child.once("exit", onExit);
      this.#child.once("message", (message) => {
        this.#child.off("exit", onExit);
        resolve(message as { readonly sample?: Sample });
      });
    });
  }
}

interface Result {
  readonly scenario: ScenarioName;
  readonly peer: PeerName;
  readonly median: Sample;
  readonly samples: readonly Sample[];
}

async function compare(peers: readonly PeerProcess[], scenario: ScenarioName, base: string): Promise<Result[]> {
  const results = peers.map(({ name }) => ({ peer: name, samples: [] as Sample[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, peer] of peers.entries()) {
      const sample = await peer.run({ scenario, base });
      // The first round warms up.
      if (round > 0) results[index]?.samples.push(sample);
    }
  }
  return results.map(({ peer, samples }) => ({ scenario, peer, samples, median: medianOf(samples) }));
}

async function bench(servers: string): Promise<void> {
  const base = `/bench-${process.pid}`;
  await using client = await connect(servers);
  await client.create(base);
  await Promise.all(Array.from({ length: 100 }, (_, index) => client.create(`${base}/${index}`, "x".repeat(100))));
  const peers = peerNames.map((name) => new PeerProcess(name, servers));
  const results: Result[] = [];
  try {
    await Promise.all(peers.map((peer) => peer.ready()));
    for (const scenario of Object.keys(scenarios) as ScenarioName[])
      results.push(...(await compare(peers, scenario, base)));
  } finally {
    for (const peer of peers) peer.close();
    await client.delete(base, { recursive: true });
  }
  const rows = results.map(({ scenario, peer, median }) => {
    const ours = results.find((result) => result.scenario === scenario && result.peer === "quorate")?.median;
    const ratio = peer === "quorate" || ours === undefined ? "" : (ours.cpuUsPerOp / median.cpuUsPerOp).toFixed(2);
    const { opsPerSecond, p50Us, p99Us, cpuUsPerOp } = median;
    return [scenario, peer, opsPerSecond.toFixed(0), p50Us.toFixed(0), p99Us.toFixed(0), cpuUsPerOp.toFixed(1), ratio];
  });
  const head = ["scenario", "client", "ops/s", "p50 µs", "p99 µs", "CPU µs/op", "Quorate's CPU / this one's"];
  console.log(markdownTable([head, ...rows], { align: ["l", "l", "r", "r", "r", "r", "r"] }));
  await writeFile("driver-bench.json", JSON.stringify({ rounds, node: process.version, results }, undefined, 2));
}

if (env["QUORATE_CONNECT"] !== undefined) await bench(env["QUORATE_CONNECT"]);
else {
  await using ensemble = await ZooKeeperEnsemble.start({ nodes: 1, tickTimeMs: 2000 });
  await bench(await ensemble.directConnectString());
}
