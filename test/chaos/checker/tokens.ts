import type { History } from "../history/history.ts";
import { recipes } from "../history/records.ts";
import { aliveSpans, axes, holdsOf, nameOf, type Span } from "./spans.ts";

/**
 * Tokens strictly increase from holder to holder. Readers are no successors of each other, nor are the holders of a semaphore: there no two
 * are the same. And none was handed out before its znode was made.
 */
export function tokens(history: History): string[] {
  const found: string[] = [];
  for (const recipe of recipes) {
    const seen = new Map<bigint, string>();
    for (const hold of holdsOf(history, recipe)) {
      const other = seen.get(hold.token);
      if (other !== undefined) found.push(`${recipe}: ${nameOf(hold)} has the token of ${other}`);
      seen.set(hold.token, hold.id);
    }
    for (const { hold, from } of aliveSpans(history, recipe, "zxid")) {
      if (from <= hold.token) found.push(`${recipe}: ${nameOf(hold)} held at zxid ${from}, before its token`);
    }
    if (recipe === "semaphore") continue;
    for (const axis of axes) {
      for (const [before, after] of disorder(aliveSpans(history, recipe, axis))) {
        found.push(`${recipe}: by ${axis} ${nameOf(after.hold)} came after ${nameOf(before.hold)}`);
      }
    }
  }
  return found;
}

/** Each holder whose token is below that of one before it, with that one. */
function disorder(spans: readonly Span[]): [Span, Span][] {
  const found: [Span, Span][] = [];
  let greatest: Span | undefined;
  let greatestExclusive: Span | undefined;
  for (const span of spans) {
    const before = span.hold.isShared ? greatestExclusive : greatest;
    if (before !== undefined && span.hold.token <= before.hold.token) found.push([before, span]);
    if (greatest === undefined || span.hold.token > greatest.hold.token) greatest = span;
    if (!span.hold.isShared && (greatestExclusive === undefined || span.hold.token > greatestExclusive.hold.token)) {
      greatestExclusive = span;
    }
  }
  return found;
}
