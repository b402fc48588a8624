import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { connect } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import type { Hold, WorkerReport } from "./lock-worker.ts";

const workers = 6;
const holdsEach = 200;
const workerFile = fileURLToPath(new URL("lock-worker.ts", import.meta.url));

let ensemble: ZooKeeperEnsemble;
let directory: string;

beforeAll(async () => {
  ensemble = await startEnsemble({ nodes: 3 });
  directory = await mkdtemp(join(tmpdir(), "quorate-lock-"));
  await writeFile(join(directory, "counter"), "0");
});

afterAll(async () => {
  await ensemble?.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

function startWorker(name: string): { readonly process: ChildProcess; readonly report: Promise<WorkerReport> } {
  const args = ["--import", "tsx", "--conditions=@quorate/source", workerFile, name, directory, String(holdsEach)];
  const child = spawn(execPath, args, {
    env: { ...process.env, QUORATE_CONNECT: ensemble.connectString },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const report = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]).then(
    ([out, err, [status]]) => {
      if (status !== 0) throw new Error(`worker ${name} ended with status ${status}: ${err}`);
      return JSON.parse(out) as WorkerReport;
    },
  );
  return { process: child, report };
}

async function readHolds(): Promise<Hold[]> {
  const log = await readFile(join(directory, "holds.jsonl"), "utf8").catch(() => "");
  return log.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Hold]));
}

test("processes never hold one lock together while the leader is killed and restarted", async () => {
  const running = Array.from({ length: workers }, (_, index) => startWorker(`worker-${index + 1}`));
  const reports = Promise.all(running.map(({ report }) => report));
  try {
    const failed = reports.then(() => "done" as const);
    for (const progress of [100, 400, 800]) {
      const reached = eventually(async () => (await readHolds()).length > progress, {
        boundMs: 120_000,
      });
      await Promise.race([reached, failed]);
      const leader = await ensemble.leader();
      expect(leader).toBeDefined();
      if (leader === undefined) return;
      await ensemble.kill(leader.id);
      await ensemble.start(leader.id);
      await ensemble.ready();
    }
    const all = await reports;

    expect(all.map(({ overlaps }) => overlaps)).toEqual(Array(workers).fill(0));
    expect(all.map(({ holds }) => holds)).toEqual(Array(workers).fill(holdsEach));
    const holds = await readHolds();
    expect(Number(await readFile(join(directory, "counter"), "utf8"))).toBe(workers * holdsEach);
    expect(holds.map(({ count }) => count)).toEqual(holds.map((_, index) => index + 1));
    const tokens = holds.map(({ token }) => BigInt(token));
    expect(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as bigint))).toBe(true);

    await using client = await connect(ensemble.connectString);
    await client.sync("/locks");
    const left = (await client.exists("/locks/counter")) === undefined ? [] : await client.children("/locks/counter");
    expect(left).toEqual([]);
  } finally {
    for (const { process: child } of running) child.kill("SIGKILL");
    await reports.catch(() => {});
  }
});
