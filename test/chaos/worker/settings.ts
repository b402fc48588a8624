import type { RecipeName } from "../history/records.ts";

/** What a contender is told, as JSON in its first argument. */
export interface Settings {
  readonly name: string;
  readonly seed: number;
  /** Its own way to the servers, where the faults are. */
  readonly connectString: string;
  /** The way of its witness: the members' own faults only. */
  readonly witnessConnectString: string;
  readonly sessionTimeoutMs: number;
  readonly logFile: string;
  /** The directory of the run in ZooKeeper. */
  readonly root: string;
  readonly limit: number;
  /** What to contend for, and with which implementation. */
  readonly recipes: Readonly<Partial<Record<RecipeName, Implementation>>>;
  /** How many of its holds are long, in [0, 1]. */
  readonly longHolds: number;
}

/** `quorate`: the product's. The others are broken on purpose: see `broken/`. */
export type Implementation = "quorate" | "no-ownership-check" | "never-told" | "no-fence" | "no-waiting";
