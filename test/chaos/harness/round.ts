import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onAbort, pause } from "@quorate/core/recipe";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { contenderFrom } from "../history/from-log.ts";
import type { Eviction, History, Register } from "../history/history.ts";
import { type RecipeName, recipes } from "../history/records.ts";
import { type Coverage, coverageOf, lacking, type Minimums } from "../report/coverage.ts";
import type { Fault } from "../schedule/faults.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Settings } from "../worker/settings.ts";
import { Arena } from "./arena.ts";
import { hitContender } from "./contender-faults.ts";
import { leftovers } from "./leftovers.ts";
import { hitMember } from "./member-faults.ts";
import { readEvictions, readRegisters } from "./read-back.ts";

export interface RoundOptions {
  readonly ensemble: ZooKeeperEnsemble;
  readonly seed: number;
  readonly schedule: Schedule;
  /** How long faults go on, milliseconds; longer, at most `extraMs`, while there was too little of something. */
  readonly faultMs: number;
  readonly extraMs?: number;
  readonly minimums: Minimums;
  /** For logs; made if it is missing. */
  readonly directory: string;
  readonly processes?: number;
  /** Default: all, as they are in the product. */
  readonly recipes?: Settings["recipes"];
  /** How many holds are long, in [0, 1]. Default one in twenty. */
  readonly longHolds?: number;
  /** Told of every fault. */
  readonly tell?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface Round {
  readonly history: History;
  readonly coverage: Coverage;
  /** What there was too little of. */
  readonly lacking: readonly string[];
}

const limit = 3;
const sessionTimeoutMs = 3_000;
/** For everybody to have everything once more and to go. */
const finishBoundMs = 120_000;

/** Contenders come, faults are done to them and to the ensemble, faults end, contenders finish: and what everybody saw. */
export async function runRound(options: RoundOptions): Promise<Round> {
  const { ensemble, seed, directory, minimums, signal, processes = 8, longHolds = 0.05 } = options;
  const implementations = options.recipes ?? Object.fromEntries(recipes.map((recipe) => [recipe, "quorate"]));
  await mkdir(directory, { recursive: true });
  const common = { ensemble, seed, processes, limit, longHolds, sessionTimeoutMs, directory };
  await using arena = await Arena.open({ ...common, recipes: implementations });
  const faults: Partial<Record<Fault, number>> = {};
  await storm(arena, options, faults);
  signal?.throwIfAborted();

  await ensemble.ready();
  await Promise.all(arena.slots.map(({ process }) => process.finish(finishBoundMs)));
  const left = await leftovers(arena);
  const { observer, root } = arena;
  const history = historyOf(arena, await readRegisters(observer, root), await readEvictions(observer, root), left);
  await writeFile(
    join(directory, "history.json"),
    JSON.stringify(history, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  );
  await observer.delete(root, { recursive: true });
  const coverage = coverageOf(history, faults);
  return { history, coverage, lacking: lacking(coverage, minimums) };
}

/** All lanes at once, until it was long and varied enough. */
async function storm(arena: Arena, options: RoundOptions, faults: Partial<Record<Fault, number>>): Promise<void> {
  const { schedule, faultMs, extraMs = 240_000, minimums, tell = () => {}, signal } = options;
  const over = new AbortController();
  const off = onAbort(signal, () => over.abort());
  const beganAt = performance.now();
  const elapsed = (): number => performance.now() - beganAt;

  const follow = async <Step extends { readonly fault: Fault; readonly afterMs: number }>(
    steps: Iterable<Step>,
    hit: (step: Step) => Promise<boolean>,
  ): Promise<void> => {
    for (const step of steps) {
      await pause(step.afterMs, over.signal);
      if (over.signal.aborted) return;
      const from = elapsed();
      const cameAbout = await hit(step);
      if (cameAbout) faults[step.fault] = (faults[step.fault] ?? 0) + 1;
      tell(`${seconds(from)}..${seconds(elapsed())} ${step.fault}${cameAbout ? "" : " (did not come about)"}`);
    }
  };
  const lanes = [
    follow(schedule.members, (step) => hitMember(arena.ensemble, step, over.signal)),
    ...schedule.contenders.map((lane) => follow(lane, (step) => hitContender(arena, step, over.signal))),
  ];
  const isEnough = (): boolean => lacking(coverageOf(historyOf(arena, [], [], []), faults), minimums).length === 0;
  const watch = async (): Promise<void> => {
    await pause(faultMs, over.signal);
    while (!over.signal.aborted && elapsed() < faultMs + extraMs && !isEnough()) await pause(1_000, over.signal);
  };
  try {
    // A lane that fails ends the storm at once.
    await Promise.race([watch(), ...lanes.map((lane) => lane.then(() => new Promise<never>(() => {})))]);
  } finally {
    off();
    over.abort();
    await Promise.allSettled(lanes);
  }
  await Promise.all(lanes);
}

function historyOf(
  { slots }: Arena,
  registers: readonly Register[],
  evictions: readonly Eviction[],
  left: readonly string[],
): History {
  const contenders = slots.flatMap(({ lives }) =>
    lives.map((life) => {
      const used = Object.keys(life.settings.recipes) as RecipeName[];
      return contenderFrom(life.name, used, life.records(), life.ending ?? { kind: "hung" });
    }),
  );
  return { contenders, registers, evictions, left, limit };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`;
}
