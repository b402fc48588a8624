import type { Contender, WaitingLine } from "@quorate/core/recipe";

/** Curator's marks of readers and writers, who stand in one line. */
const readMarker = "__READ__";
export const writeMarker = "__WRIT__";

/** A reader waits for the last writer before it. */
export function readerLine(directory: string): WaitingLine {
  const blocker = (ahead: readonly Contender[]): Contender | undefined =>
    ahead.findLast(({ marker }) => marker === writeMarker);
  return { directory, marker: readMarker, others: [writeMarker], blocker, handsPlacesOn: true };
}

/** A writer waits for whoever is right before it. */
export function writerLine(directory: string): WaitingLine {
  return { directory, marker: writeMarker, others: [readMarker], handsPlacesOn: true };
}

/**
 * The name, up to its own number, of one that stands right behind another: as Curator makes it of a reader behind its writer. Of one that
 * stands behind another itself, the first ten digits are the place.
 */
export function behind(name: string, marker: string): string {
  const digits = /__(?:READ|WRIT)__(-?\d+)$/.exec(name)?.[1] ?? "";
  return marker + (digits.length > 11 ? digits.slice(0, 10) : digits);
}
