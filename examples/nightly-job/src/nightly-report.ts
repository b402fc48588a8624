import type { Lease } from "@quorate/core";
import type { Mutex } from "@quorate/lock";
import type { Database } from "./database.ts";

/** What one night's run came to in this process. */
export type Outcome = "done" | "done-already" | "refused";

/**
 * Makes the report of `day` unless it is there. The lock keeps the work from being done twice; the token keeps a process that lost the lock
 * without noticing from overwriting what its successor wrote.
 */
export function makeReport(
  mutex: Mutex,
  database: Database,
  day: string,
  computeTotal: (signal: AbortSignal) => Promise<number>,
): Promise<Outcome> {
  return mutex.run(async (lease) => {
    const [report] = await database.query("select 1 from reports where name = 'sales' and day >= $1", [day]);
    if (report !== undefined) return "done-already";
    return store(lease, database, day, await computeTotal(lease.signal));
  });
}

/** The database refuses a token that is not greater than the last one it has seen, whatever this process believes. */
export async function store(lease: Lease, database: Database, day: string, total: number): Promise<Outcome> {
  const written = await database.query(
    "update reports set token = $1, day = $2, total = $3 where name = 'sales' and token < $1 returning name",
    [lease.fencingToken.toString(), day, total],
  );
  return written.length === 1 ? "done" : "refused";
}
