/**
 * Tests that look at what is left at the server, by their names: what a driver cannot do there it does not refuse, it leaves it undone.
 * The other tests show by themselves what they need (capability-runner.ts).
 */
export const needs: Readonly<Record<string, string>> = {
  "in the middle of the line: whoever stands behind does not overtake the holder": "remove-watches",
  "nothing is left at the server when the loop is left": "remove-watches",
  "cancelled, it leaves no watch at the server": "remove-watches",
};
