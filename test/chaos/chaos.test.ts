import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { check } from "./checker/check.ts";
import { runRound } from "./harness/round.ts";
import { minimums } from "./minimums.ts";
import { report } from "./report/report.ts";
import { scheduleOf } from "./schedule/schedule.ts";

const seed = Number(process.env["QUORATE_CHAOS_SEED"] ?? 20_261_125);

test(`eight processes share four recipes through two minutes of faults (seed ${seed})`, async () => {
  console.log(`seed ${seed}: replay with QUORATE_CHAOS_SEED=${seed}, or npm run chaos -- --minutes 2 --seed ${seed}`);
  const directory = await mkdtemp(join(tmpdir(), "quorate-chaos-"));
  await using ensemble = await startEnsemble();
  const schedule = scheduleOf(seed);
  const round = await runRound({ ensemble, seed, schedule, faultMs: 120_000, minimums, directory });
  const violations = check(round.history);
  console.log(report(round.coverage, violations));
  expect(violations, `what everybody saw is in ${directory}`).toEqual([]);
  expect(round.lacking).toEqual([]);
  await rm(directory, { recursive: true });
});
