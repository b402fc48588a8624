/**
 * Tests that look at what is done at the server, by their names: what a driver cannot do there it does not refuse, it does something else
 * or leaves it undone. The other tests show by themselves what they need (capability-runner.ts).
 */
export const needs: Readonly<Record<string, string>> = {
  "in the middle of the line: whoever stands behind does not overtake the holder": "remove-watches",
  "nothing is left at the server when the loop is left": "remove-watches",
  "cancelled, it leaves no watch at the server": "remove-watches",
  "leaves no watch behind": "remove-watches",
  "a semaphore: whoever is first in line watches the permits; of those behind each watches the one before it":
    "remove-watches",
  "what can never work is refused; what was given up leaves no watch": "remove-watches",
  "one cache and one watch at the server, however many discover however much; gone with the last": "remove-watches",
  // One-shot watches tell changes in quick succession as one, and read once more for each.
  "beside a node watch of the path takes nothing from it, nor loses anything": "persistent-watches",
  "beside a recursive watch of the path takes nothing from it, nor loses anything": "persistent-watches",
  "of thousands of znodes opens in a few round trips with one watch, and compares without reading data again":
    "persistent-watches",
  "of thousands of znodes opens with few reads, in a few round trips with one watch, and compares without reading data again":
    "persistent-watches",
  "has what it wrote as soon as it was written": "persistent-watches",
};
