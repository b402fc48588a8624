import type { RecipeName } from "../history/records.ts";

/** Where things are in ZooKeeper, below the directory of a run. */
export function pathsOf(
  root: string,
  recipe: RecipeName,
): Readonly<Record<"lock" | "register" | "entries" | "claims", string>> {
  return {
    lock: `${root}/${recipe}`,
    /** What fenced writes go to; each also leaves an entry. */
    register: `${root}/${recipe}-register`,
    entries: `${root}/${recipe}-entries`,
    /** Set unguarded, by a session that has nothing to do with the lease: the version of the moment tells when. */
    claims: `${root}/${recipe}-claims`,
  };
}

export function evictionsOf(root: string): string {
  return `${root}/evictions`;
}
