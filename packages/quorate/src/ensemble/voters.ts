/** Warnings about how many members vote. */
export function voterWarnings(voters: number): string[] {
  const survives = Math.floor((voters - 1) / 2);
  if (voters === 1) return ["a single server: when it fails there is none; production takes 3 or 5"];
  if (voters % 2 === 0) {
    const survivors = survives === 0 ? "no failure" : survives === 1 ? "one failure" : `${survives} failures`;
    return [
      `${voters} voters are an even number: they survive ${survivors}, as ${voters - 1} do; take ${voters + 1}, or make one an observer`,
    ];
  }
  if (voters > 7)
    return [
      `${voters} voters: each write waits for ${Math.floor(voters / 2) + 1} of them; observers serve readers for less`,
    ];
  return [];
}
