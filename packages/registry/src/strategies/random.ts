import type { Strategy } from "./strategy.ts";

/** Any, each as likely as the others. */
export function random(): Strategy {
  return (candidates, context) => Math.floor(context.random.float() * candidates.length);
}
