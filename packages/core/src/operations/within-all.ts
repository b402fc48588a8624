import { type Bounds, within } from "../bounds/bounded.ts";
import type { Outcome } from "../errors/client-errors.ts";
import type { CallBounds } from "./caller.ts";

/** Bounds around all the requests that one write may take: nothing was applied as long as none was sent. */
export function withinAll<T>(
  bounds: Bounds,
  subject: { readonly op: string; readonly path: string },
  run: (inner: CallBounds) => Promise<T>,
): Promise<T> {
  let outcome: Outcome = "not-applied";
  const onSent = (): void => {
    outcome = "unknown";
  };
  return within(bounds, { ...subject, outcome: () => outcome }, (inner) => run({ ...inner, onSent }));
}
