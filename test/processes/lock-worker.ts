/**
 * One contender of lock-contention.test.ts, a process of its own. Takes the lock again and again; what it does while holding it is safe
 * only if nobody else holds it: adds one to a counter file by reading and writing it, inside a marker file that must not exist yet.
 */
import { appendFile, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv, env } from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Lease, LeaseLostError } from "@quorate/core";
import { Mutex } from "@quorate/lock";

export interface Hold {
  readonly worker: string;
  readonly token: string;
  /** The counter's value after this hold. */
  readonly count: number;
}

export interface WorkerReport {
  readonly worker: string;
  readonly holds: number;
  /** Leases that were lost before the counter was written. */
  readonly lost: number;
  /** Times somebody else's marker stood there while we held the lock. */
  readonly overlaps: number;
}

const [worker = "?", directory = ".", wanted = "0"] = argv.slice(2);
const counterFile = join(directory, "counter");
const markerFile = join(directory, "holder");
const logFile = join(directory, "holds.jsonl");

let holds = 0;
let lost = 0;
let overlaps = 0;

async function critical(lease: Lease): Promise<void> {
  try {
    await (await open(markerFile, "wx")).close();
  } catch {
    overlaps++;
  }
  try {
    const count = Number(await readFile(counterFile, "utf8")) + 1;
    await pause(1);
    lease.assertHeld();
    await writeFile(counterFile, String(count));
    const hold: Hold = { worker, token: String(lease.fencingToken), count };
    await appendFile(logFile, `${JSON.stringify(hold)}\n`);
    holds++;
  } finally {
    await rm(markerFile, { force: true });
  }
}

await using client = await connect(env["QUORATE_CONNECT"] ?? "", { sessionTimeoutMs: 8_000 });
const mutex = new Mutex(client, "/locks/counter");
while (holds < Number(wanted)) {
  const lease = await mutex.acquire({ timeoutMs: 120_000 });
  try {
    await critical(lease);
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    lost++;
  } finally {
    await lease.release();
  }
}
const report: WorkerReport = { worker, holds, lost, overlaps };
console.log(JSON.stringify(report));
