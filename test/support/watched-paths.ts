import { ask } from "./wire.ts";

/** The sessions that watch each path at or below `path`, lists of children aside, by the servers' word. */
export async function watchersBelow(
  members: readonly string[],
  path: string,
): Promise<ReadonlyMap<string, ReadonlySet<bigint>>> {
  const watchers = new Map<string, Set<bigint>>();
  for (const answer of await Promise.all(members.map((member) => ask(member, "wchp")))) {
    let current = "";
    for (const line of answer.split("\n").map((text) => text.trim())) {
      if (line.startsWith("/")) current = line;
      else if (line.startsWith("0x") && current.startsWith(path)) {
        watchers.set(current, (watchers.get(current) ?? new Set()).add(BigInt.asIntN(64, BigInt(line))));
      }
    }
  }
  return watchers;
}
