import type { Eviction, History, Hold } from "../history/history.ts";
import type { RecipeName } from "../history/records.ts";

/** The two orders a history can be read in: the cluster's, and that of the clock all processes of the machine share. */
export const axes = ["zxid", "clock"] as const;
export type Axis = (typeof axes)[number];

/** From the first to the last moment at which a hold is known to have been in force. */
export interface Span {
  readonly hold: Hold;
  readonly from: bigint;
  readonly to: bigint;
}

/** Room for as many readers as there may ever be. */
const readersAtOnce = 1_000_000;

/** How much of a recipe may be held at once. */
export function capacityOf(recipe: RecipeName, { limit }: History): number {
  if (recipe === "semaphore") return limit;
  return recipe === "read-write" ? readersAtOnce : 1;
}

/** How much of it a hold takes: a writer all there is. */
export function weightOf({ recipe, isShared, permits }: Hold): number {
  if (recipe === "semaphore") return permits;
  return recipe === "read-write" && !isShared ? readersAtOnce : 1;
}

export function holdsOf({ contenders }: History, recipe: RecipeName): Hold[] {
  return contenders.flatMap(({ holds }) => holds.filter((hold) => hold.recipe === recipe));
}

/**
 * The holds of a recipe for as long as their leases said that they were good, in the order of their beginnings. Of an evicted one only up to
 * its eviction: what it believed in the moments after, until its watch told it, is no fault of the lock.
 */
export function aliveSpans(history: History, recipe: RecipeName, axis: Axis): Span[] {
  const spans = holdsOf(history, recipe).flatMap((hold) => {
    const end = evictionOf(history, hold);
    const points = hold.alive.flatMap((alive) => {
      const point = axis === "clock" ? BigInt(alive.at) : alive.zxid;
      return point === undefined || (end !== undefined && point >= momentOf(end, axis)) ? [] : [point];
    });
    return spanOf(hold, points);
  });
  return spans.sort(byBeginning);
}

export function spanOf(hold: Hold, points: readonly bigint[]): Span[] {
  const [first, ...others] = points;
  if (first === undefined) return [];
  const from = others.reduce((least, point) => (point < least ? point : least), first);
  const to = others.reduce((most, point) => (point > most ? point : most), first);
  return [{ hold, from, to }];
}

export function evictionOf({ evictions }: History, { recipe, token }: Hold): Eviction | undefined {
  return evictions.find((eviction) => eviction.recipe === recipe && eviction.token === token);
}

export function byBeginning(a: Span, b: Span): number {
  return a.from < b.from ? -1 : 1;
}

function momentOf({ zxid, at }: Eviction, axis: Axis): bigint {
  return axis === "zxid" ? zxid : BigInt(at);
}

/** For messages. */
export function nameOf({ id, isShared, permits, token, recipe }: Hold): string {
  const as = recipe === "read-write" ? (isShared ? ", reading" : ", writing") : "";
  return `${id} (token ${token}${as}${recipe === "semaphore" ? `, ${permits} permits` : ""})`;
}
