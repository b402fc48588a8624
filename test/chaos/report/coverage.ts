import { sharings } from "../checker/exclusion.ts";
import { holdsOf } from "../checker/spans.ts";
import type { History, Write } from "../history/history.ts";
import { type RecipeName, recipes } from "../history/records.ts";
import type { Fault } from "../schedule/faults.ts";

export type Counts<Name extends string = string> = Readonly<Partial<Record<Name, number>>>;

/** What a run was made of: a run in which nothing happened proves nothing. */
export interface Coverage {
  /** Holds that the cluster's order knows of. */
  readonly holds: Counts<RecipeName>;
  /** Holds that began while another was in force. */
  readonly shared: Counts<RecipeName>;
  readonly waits: Counts;
  /** By reason. */
  readonly losses: Counts;
  readonly writes: Counts;
  /** Faults that came about. */
  readonly faults: Counts<Fault>;
}

export interface Minimums {
  readonly holdsEach?: number;
  readonly sharedEach?: number;
  readonly losses?: Counts;
  readonly writes?: Counts;
  readonly faults?: Counts<Fault>;
}

export function coverageOf(history: History, faults: Counts<Fault>): Coverage {
  const holds = history.contenders.flatMap((contender) => contender.holds);
  const waits = history.contenders.flatMap((contender) => contender.waits);
  return {
    holds: eachRecipe(history, (recipe) => {
      return holdsOf(history, recipe).filter(({ alive }) => alive.some(({ zxid }) => zxid !== undefined)).length;
    }),
    shared: eachRecipe(history, (recipe) => sharings(history, recipe)),
    waits: countBy(waits.map(({ asked, outcome }) => `${asked}: ${outcome ?? "killed"}`)),
    losses: countBy(holds.flatMap(({ lost }) => lost?.reason ?? [])),
    writes: countBy(holds.flatMap(({ writes }) => writes.map(nameOfOutcome))),
    faults,
  };
}

/** What there was too little of, in words. */
export function lacking({ holds, shared, losses, writes, faults }: Coverage, minimums: Minimums): string[] {
  const found: string[] = [];
  const need = (what: string, count = 0, least = 0): void => {
    if (count < least) found.push(`${what}: ${count} of ${least}`);
  };
  for (const recipe of Object.keys(holds) as RecipeName[]) {
    need(`holds of the ${recipe}`, holds[recipe], minimums.holdsEach);
    const isShared = recipe === "read-write" || recipe === "semaphore";
    if (isShared) need(`holds beside others of the ${recipe}`, shared[recipe], minimums.sharedEach);
  }
  for (const [reason, least] of Object.entries(minimums.losses ?? {})) need(`losses, ${reason}`, losses[reason], least);
  for (const [outcome, least] of Object.entries(minimums.writes ?? {}))
    need(`writes, ${outcome}`, writes[outcome], least);
  for (const [fault, least] of Object.entries(minimums.faults ?? {})) need(fault, faults[fault as Fault], least);
  return found;
}

/** Those somebody contended for. */
function eachRecipe(history: History, count: (recipe: RecipeName) => number): Counts<RecipeName> {
  const used = recipes.filter((recipe) => history.contenders.some((contender) => contender.recipes.includes(recipe)));
  return Object.fromEntries(used.map((recipe) => [recipe, count(recipe)]));
}

/** Those the servers had to refuse apart. */
function nameOfOutcome(write: Write): string {
  return write.outcome === "refused" && write.code === "fenced" ? "fenced" : write.outcome;
}

function countBy(names: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
