import type { Minimums } from "./report/coverage.ts";
import { contenderFaults, memberFaults } from "./schedule/faults.ts";

/** What two minutes of faults must have been made of. The faults go on until there was that much. */
export const minimums: Minimums = {
  holdsEach: 50,
  sharedEach: 50,
  losses: { "deadline-passed": 3, "node-deleted": 1, suspended: 3 },
  writes: { applied: 500, fenced: 1 },
  faults: Object.fromEntries([...memberFaults, ...contenderFaults].map((fault) => [fault, 2])),
};
