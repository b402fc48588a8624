/**
 * The embedded server beside Curator's TestingServer (start) and a standalone ZooKeeper (throughput), in alternating rounds; its memory and
 * its punctuality. Prints a table and writes embedded-bench.json. Needs Docker, and for Curator Debian's
 * libcurator-test-java and a JDK; without those that row is left out.
 *
 *     npm run bench:embedded [-- rounds]
 */
import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect } from "@quorate/core";
import { watchOnce } from "@quorate/core/recipe";
import { ZooKeeperEnsemble } from "@quorate/testing";
import { markdownTable } from "markdown-table";
import { measureExpiry } from "./embedded/expiry.ts";
import { measure, median } from "./measure.ts";

const run = promisify(execFile);
const rounds = Number(argv[2] ?? 7);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const curatorClassPath = ["curator-test", "curator-client", "zookeeper", "slf4j-simple", "guava"]
  .map((name) => `/usr/share/java/${name}.jar`)
  .join(":");

type Rows = [string, string, string][];

function lastNumber(output: string): number {
  return Number(output.trim().split("\n").at(-1));
}

/** A fresh process, from being started to its first create. */
async function fresh(command: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(command, args);
  return performance.now() - start;
}

async function startTimes(): Promise<Rows> {
  const ours = { command: execPath, args: [here("embedded/start-to-create.mjs")] };
  const classes = await mkdtemp(join(tmpdir(), "quorate-bench-"));
  try {
    const theirs = await curatorCommand(classes);
    const figures = { warm: [[], []] as [number[], number[]], fresh: [[], []] as [number[], number[]] };
    for (let round = 0; round < rounds; round++) {
      for (const [index, peer] of [ours, theirs].entries()) {
        if (peer === undefined) continue;
        const { stdout } = await run(peer.command, [...peer.args, "20"]);
        figures.warm[index]?.push(lastNumber(stdout));
        figures.fresh[index]?.push(await fresh(peer.command, [...peer.args, "1"]));
      }
    }
    const shown = (values: readonly number[]): string =>
      values.length === 0 ? "not installed" : median(values).toFixed(1);
    return [
      ["start to first create, warm, ms", shown(figures.warm[0]), shown(figures.warm[1])],
      ["a fresh process that starts, creates, ends, ms", shown(figures.fresh[0]), shown(figures.fresh[1])],
    ];
  } finally {
    await rm(classes, { recursive: true, force: true });
  }
}

async function curatorCommand(classes: string): Promise<{ command: string; args: string[] } | undefined> {
  try {
    await access("/usr/share/java/curator-test.jar");
  } catch {
    return undefined;
  }
  await run("javac", ["-d", classes, "-cp", curatorClassPath, here("java/TestingServerBench.java")]);
  const options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.admin.enableServer=false"];
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
  return { command: "java", args: [...options, quiet, "-cp", `${classes}:${curatorClassPath}`, "TestingServerBench"] };
}

class ServerProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(here("embedded/server-process.ts"), {
      execArgv: ["--expose-gc", "--import", "tsx"],
    });
  }

  async connectString(): Promise<string> {
    const [{ connectString }] = (await once(this.#child, "message")) as [{ connectString: string }];
    return connectString;
  }

  async memory(): Promise<{ readonly rssBytes: number; readonly znodes: number; readonly watches: number }> {
    this.#child.send("memory");
    const [memory] = (await once(this.#child, "message")) as [{ rssBytes: number; znodes: number; watches: number }];
    return memory;
  }

  stop(): void {
    this.#child.kill();
  }
}

async function throughput(embedded: string, standalone: string): Promise<Rows> {
  const samples = { gets: [[], []] as [number[], number[]], creates: [[], []] as [number[], number[]] };
  for (let round = 0; round <= rounds; round++) {
    for (const [index, servers] of [embedded, standalone].entries()) {
      await using client = await connect(servers);
      const base = `/throughput-${process.pid}-${round}`;
      await client.create(base, "x".repeat(100));
      const gets = await measure(20_000, 100, () => client.get(base));
      const creates = await measure(5_000, 100, (number) => client.create(`${base}/${number}`, "x".repeat(100)));
      await client.delete(base, { recursive: true });
      // The first round warms up.
      if (round === 0) continue;
      samples.gets[index]?.push(gets.opsPerSecond);
      samples.creates[index]?.push(creates.opsPerSecond);
    }
  }
  return [
    ["100 gets in flight, ops/s", median(samples.gets[0]).toFixed(0), median(samples.gets[1]).toFixed(0)],
    ["100 creates in flight, ops/s", median(samples.creates[0]).toFixed(0), median(samples.creates[1]).toFixed(0)],
  ];
}

async function memoryOf(server: ServerProcess, servers: string): Promise<Rows> {
  const count = 100_000;
  await using client = await connect(servers, { operationTimeoutMs: 60_000 });
  await client.create("/many");
  await measure(count, 500, (index) => client.create(`/many/node-${index}`, "x".repeat(16)));
  const ignore = (): void => {};
  await measure(
    count,
    500,
    (index) => watchOnce(client.session, { kind: "data", path: `/many/node-${index}` }, ignore).reply,
  );
  const { rssBytes, znodes, watches } = await server.memory();
  return [[`memory of ${znodes} znodes and ${watches} watches, MB`, (rssBytes / 1e6).toFixed(0), ""]];
}

const startRows = await startTimes();
const server = new ServerProcess();
try {
  const embedded = await server.connectString();
  await using ensemble = await ZooKeeperEnsemble.start({ nodes: 1, tickTimeMs: 2000 });
  const throughputRows = await throughput(embedded, await ensemble.directConnectString());
  const memoryRows = await memoryOf(server, embedded);
  const expiry = await measureExpiry(1000);
  const lateness = `${expiry.earliestMs.toFixed(0)} to ${expiry.worstLatenessMs.toFixed(0)}`;
  const expiryRow: [string, string, string] = [
    `1,000 sessions expire late by, ms (tick ${expiry.tickTimeMs})`,
    lateness,
    "",
  ];
  console.log(markdownTable([["", "embedded", "Curator's TestingServer"], ...startRows], { align: ["l", "r", "r"] }));
  console.log();
  const others = [...throughputRows, ...memoryRows, expiryRow];
  console.log(markdownTable([["", "embedded", "standalone ZooKeeper"], ...others], { align: ["l", "r", "r"] }));
  await writeFile("embedded-bench.json", JSON.stringify({ rounds, startRows, others, expiry }, undefined, 2));
} finally {
  server.stop();
}
