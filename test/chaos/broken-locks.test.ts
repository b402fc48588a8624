import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { check, type RuleName } from "./checker/check.ts";
import { type RoundOptions, runRound } from "./harness/round.ts";
import type { ContenderFault } from "./schedule/faults.ts";
import { aimedAt } from "./schedule/schedule.ts";
import type { Implementation } from "./worker/settings.ts";

let ensemble: ZooKeeperEnsemble;
let directory: string;
let seed = 0;

beforeAll(async () => {
  ensemble = await startEnsemble();
  directory = await mkdtemp(join(tmpdir(), "quorate-chaos-"));
});

afterAll(async () => {
  await ensemble?.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

/** Three processes, long holds, and these faults for whoever holds the mutex. What the checker finds, rule by rule. */
async function findings(
  options: Pick<RoundOptions, "recipes" | "minimums">,
  faults: readonly ContenderFault[],
): Promise<Readonly<Partial<Record<RuleName, readonly string[]>>>> {
  seed++;
  const schedule = { members: [], contenders: faults.length === 0 ? [] : [aimedAt("mutex", faults, seed)] };
  const common = {
    ensemble,
    seed,
    schedule,
    faultMs: 0,
    processes: 3,
    longHolds: 1,
    directory: join(directory, `${seed}`),
  };
  const { history, lacking } = await runRound({ ...common, ...options });
  expect(lacking).toEqual([]);
  const found: Partial<Record<RuleName, string[]>> = {};
  for (const { rule, what } of check(history)) found[rule] = [...(found[rule] ?? []), what];
  // Broken as it is, it comes to an end: it is not found out for something else.
  expect(found.endings).toBeUndefined();
  return found;
}

/** Each of these faults so often. */
function mutexAs(
  implementation: Implementation,
  faults: readonly ContenderFault[],
  times = 1,
): ReturnType<typeof findings> {
  const minimums = { faults: Object.fromEntries(faults.map((fault) => [fault, times])) };
  return findings({ recipes: { mutex: implementation }, minimums }, faults);
}

describe("lost sessions of holders", () => {
  test("do no harm to a lock that is whole", async () => {
    expect(await mutexAs("quorate", ["early-loss", "freeze", "expire", "evict"])).toEqual({});
  });

  test("show a lock that does not ask who owns its znode", async () => {
    const found = await mutexAs("no-ownership-check", ["early-loss"], 3);
    expect(found.exclusion).toContainEqual(expect.stringMatching(/^mutex: held at once at zxid /));
    expect(found.tokens).toContainEqual(expect.stringMatching(/ has the token of /));
  });

  test("show a lock whose holders are not told, and whose writes nothing guards", async () => {
    const found = await mutexAs("never-told", ["freeze", "expire"], 2);
    expect(found.exclusion).toContainEqual(expect.stringMatching(/^mutex: held at once at zxid /));
    expect(found.fencing).toContainEqual(expect.stringMatching(/^mutex: after zxid .* a write of /));
  });

  test("show a lock that tells its holders of everything, and whose writes nothing guards", async () => {
    const found = await mutexAs("no-fence", ["evict"], 5);
    expect(found.exclusion).toBeUndefined();
    expect(found.fencing).toContainEqual(expect.stringMatching(/^mutex: a write of .* was applied .* its znode gone/));
  });
});

test("each recipe is found out when everybody has it at once", async () => {
  const recipes = {
    mutex: "no-waiting",
    "read-write": "no-waiting",
    semaphore: "no-waiting",
    latch: "no-waiting",
  } as const;
  const found = await findings({ recipes, minimums: { holdsEach: 8 } }, []);
  for (const recipe of Object.keys(recipes)) {
    for (const axis of ["zxid", "clock"]) {
      expect(found.exclusion).toContainEqual(expect.stringContaining(`${recipe}: held at once at ${axis} `));
    }
    expect(found.fencing).toContainEqual(expect.stringContaining(`${recipe}: after zxid `));
  }
});
