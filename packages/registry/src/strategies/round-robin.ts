import type { Strategy } from "./strategy.ts";

/** Whoever was not picked for longest, newcomers first: each once in any round, whatever comes, goes and is filtered meanwhile. */
export function roundRobin(): Strategy {
  return (candidates, { lastPick }) => {
    let chosen = 0;
    let longestAgo = Number.POSITIVE_INFINITY;
    candidates.forEach((candidate, index) => {
      const pickedAt = lastPick(candidate);
      if (pickedAt >= longestAgo) return;
      longestAgo = pickedAt;
      chosen = index;
    });
    return chosen;
  };
}
