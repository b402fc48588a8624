/**
 * The long form: `npm run chaos -- --minutes 30 --seed 7`. Rounds of two minutes of faults, each with the seed after the one before, until
 * there were so many minutes; ends with status 1 at the first violation. See docs/chaos.md.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEnsemble } from "../support/ensembles.ts";
import { check, type Violation } from "./checker/check.ts";
import { runRound } from "./harness/round.ts";
import { minimums } from "./minimums.ts";
import type { Coverage } from "./report/coverage.ts";
import { report, totalOf } from "./report/report.ts";
import { scheduleOf } from "./schedule/schedule.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000_000)) },
    processes: { type: "string", default: "8" },
    verbose: { type: "boolean", default: false },
  },
});
const faultMs = 120_000;
const firstSeed = number("seed", values.seed, 0);
const rounds = Math.ceil((number("minutes", values.minutes, 1) * 60_000) / faultMs);
const processes = number("processes", values.processes, 1);

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`--${name} must be a whole number from ${least} up, not ${text}`);
  process.exit(64);
}

const interrupted = new AbortController();
// For good: a listener of a dependency kills the process when it finds itself alone.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupted.abort(new Error(name)));

const directory = await mkdtemp(join(tmpdir(), "quorate-chaos-"));
await using ensemble = await startEnsemble({ signal: interrupted.signal });
const done: Coverage[] = [];
const found: Violation[] = [];
for (let round = 0; round < rounds && process.exitCode === undefined; round++) {
  const seed = firstSeed + round;
  console.log(`\nround ${round + 1} of ${rounds}: seed ${seed}`);
  const { history, coverage, lacking } = await runRound({
    ensemble,
    seed,
    schedule: scheduleOf(seed),
    faultMs,
    minimums,
    processes,
    directory: join(directory, String(seed)),
    signal: interrupted.signal,
    tell: values.verbose ? console.log : () => {},
  });
  const violations = check(history);
  console.log(report(coverage, violations));
  done.push(coverage);
  found.push(...violations);
  if (violations.length > 0 || lacking.length > 0) {
    console.log(`too little of: ${lacking.join(", ") || "nothing"}`);
    console.log(`what everybody saw is in ${join(directory, String(seed))}`);
    console.log(`replay: npm run chaos -- --minutes 2 --seed ${seed} --processes ${processes}`);
    process.exitCode = 1;
  }
}
console.log(`\nall ${done.length} rounds, seeds ${firstSeed} to ${firstSeed + done.length - 1}`);
console.log(report(totalOf(done), found));
if (process.exitCode === undefined) await rm(directory, { recursive: true, force: true });
