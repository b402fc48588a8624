import type { History } from "../history/history.ts";
import { type RecipeName, recipes } from "../history/records.ts";
import { aliveSpans, axes, capacityOf, nameOf, type Span, weightOf } from "./spans.ts";

/** Never more is held at once than may be: by the cluster's order, and by the common clock, which looks between the writes. */
export function exclusion(history: History): string[] {
  return recipes.flatMap((recipe) =>
    axes.flatMap((axis) =>
      crowds(aliveSpans(history, recipe, axis), capacityOf(recipe, history)).map(
        ({ at, holds }) =>
          `${recipe}: held at once at ${axis} ${at}: ${holds.map(({ hold }) => nameOf(hold)).join(" and ")}`,
      ),
    ),
  );
}

export interface Crowd {
  readonly at: bigint;
  readonly holds: readonly Span[];
}

/** Each beginning of a span at which there is more than fits. @param spans in the order of their beginnings */
export function crowds(spans: readonly Span[], capacity: number): Crowd[] {
  const found: Crowd[] = [];
  let current: Span[] = [];
  for (const span of spans) {
    current = [...current.filter(({ to }) => to >= span.from), span];
    const taken = current.reduce((sum, { hold }) => sum + weightOf(hold), 0);
    if (taken > capacity) found.push({ at: span.from, holds: current });
  }
  return found;
}

/** How often a hold began while another one was in force: for recipes that allow it. */
export function sharings(history: History, recipe: RecipeName): number {
  return crowds(aliveSpans(history, recipe, "zxid"), 0).filter(({ holds }) => holds.length > 1).length;
}
