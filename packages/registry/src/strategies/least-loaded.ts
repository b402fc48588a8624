import type { Strategy } from "./strategy.ts";

/**
 * The one of two random choices that has fewer calls outstanding (Mitzenmacher 2001). A pick counts as a call until it is reported:
 * `service.run()` and the dispatcher do that by themselves.
 */
export function leastLoaded(): Strategy {
  return (candidates, { random, outstanding }) => {
    const { length } = candidates;
    const first = Math.floor(random.float() * length);
    if (length === 1) return first;
    const second = (first + 1 + Math.floor(random.float() * (length - 1))) % length;
    const [a, b] = [candidates[first], candidates[second]];
    return a !== undefined && b !== undefined && outstanding(b) < outstanding(a) ? second : first;
  };
}
