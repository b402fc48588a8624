import type { Contender, History } from "../history/history.ts";

/** Microseconds. Far more than a watch takes; a holder cut off from the servers is told by its deadline before. */
const evictionToldWithin = 15_000_000;

/**
 * Everything came to its end: each wait was answered and each lease given back, each process went by itself when told to, after it had
 * held everything once more, and met no error it must not meet. And nothing is left in ZooKeeper.
 */
export function endings(history: History): string[] {
  return [
    ...history.contenders.flatMap((contender) => [
      ...contender.failures.map((what) => `${contender.name}: ${what}`),
      ...endOf(contender),
    ]),
    ...deafness(history),
    ...history.left.map((what) => `left in ZooKeeper: ${what}`),
  ];
}

function endOf({ name, recipes, ending, finishingAt, saidBye, waits, holds }: Contender): string[] {
  if (ending.kind === "killed") return [];
  const found: string[] = [];
  if (ending.kind === "hung") found.push(`${name}: did not end`);
  else if (ending.status !== 0) found.push(`${name}: ended with status ${ending.status}: ${ending.stderr}`);
  if (!saidBye) found.push(`${name}: did not come to its end`);
  for (const { id, recipe, asked, outcome } of waits) {
    if (outcome === undefined) found.push(`${id}: waited for the ${recipe} (${asked}) and was never answered`);
  }
  for (const { id, recipe, releasedAt } of holds) {
    if (releasedAt === undefined) found.push(`${id}: the release of the ${recipe} never ended`);
  }
  for (const recipe of recipes) {
    const since = finishingAt ?? Number.POSITIVE_INFINITY;
    if (!holds.some((hold) => hold.recipe === recipe && hold.askedAt >= since)) {
      found.push(`${name}: never had the ${recipe} after the faults were over`);
    }
  }
  return found;
}

/** Whoever was evicted learns it. */
function deafness({ contenders, evictions }: History): string[] {
  return evictions.flatMap(({ recipe, token, at }) =>
    contenders
      .flatMap(({ holds }) => holds.filter((hold) => hold.recipe === recipe && hold.token === token))
      .filter(({ alive }) => alive.some((moment) => moment.at > at + evictionToldWithin))
      .map(({ id }) => `${id}: believed in the ${recipe} long after its znode was deleted`),
  );
}
