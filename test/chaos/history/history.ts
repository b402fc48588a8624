import type { Asked, RecipeName } from "./records.ts";

/** What was seen of one run, by everyone: what the checker judges. */
export interface History {
  readonly contenders: readonly Contender[];
  readonly registers: readonly Register[];
  readonly evictions: readonly Eviction[];
  /** What was still in ZooKeeper after everybody had gone, in words. */
  readonly left: readonly string[];
  /** Permits of the semaphore. */
  readonly limit: number;
}

/** How a process ended: by itself with a status, killed by the schedule, or not at all until it was killed in the end. */
export type Ending =
  | { readonly kind: "exited"; readonly status: number | null; readonly stderr: string }
  | { readonly kind: "killed" }
  | { readonly kind: "hung" };

export interface Contender {
  readonly name: string;
  readonly recipes: readonly RecipeName[];
  readonly ending: Ending;
  readonly finishingAt: number | undefined;
  readonly saidBye: boolean;
  readonly waits: readonly Wait[];
  readonly holds: readonly Hold[];
  readonly failures: readonly string[];
}

export interface Wait {
  readonly id: string;
  readonly recipe: RecipeName;
  readonly asked: Asked;
  readonly at: number;
  readonly outcome: string | undefined;
}

/** One lease, from the moment it was handed out. */
export interface Hold {
  /** Of the contender and the wait: unique. */
  readonly id: string;
  readonly recipe: RecipeName;
  /** Whether others may hold beside it: readers. */
  readonly isShared: boolean;
  readonly permits: number;
  readonly token: bigint;
  readonly askedAt: number;
  /** Moments at which the lease was good by its own word. */
  readonly alive: readonly Alive[];
  readonly writes: readonly Write[];
  readonly lost: { readonly at: number; readonly reason: string } | undefined;
  readonly releasedAt: number | undefined;
}

/** By the processes' common clock, in microseconds, and, where a write of the same moment tells it, by the order of the cluster. */
export interface Alive {
  readonly at: number;
  readonly zxid: bigint | undefined;
}

/** A fenced write, as far as its writer knows. */
export type Write = { readonly number: number } & (
  | { readonly outcome: "applied"; readonly zxid: bigint; readonly version: number }
  | { readonly outcome: "refused"; readonly code: string }
  | { readonly outcome: "unknown" }
);

/** What a recipe guards: a znode of which each write also left an entry, in one transaction. */
export interface Register {
  readonly recipe: RecipeName;
  /** How often it was written by the servers' count. */
  readonly version: number;
  /** In the order of the cluster. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly zxid: bigint;
  readonly hold: string;
  readonly write: number;
  readonly token: bigint;
}

/** A holder's znode was deleted by an operator, against all rules: its holder cannot know before its watch tells. */
export interface Eviction {
  readonly recipe: RecipeName;
  readonly token: bigint;
  readonly zxid: bigint;
  /** Before the deletion was sent. */
  readonly at: number;
}
