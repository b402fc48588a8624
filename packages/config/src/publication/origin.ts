import type { ConfigIssue, InvalidReason } from "../schema/issue.ts";

/**
 * Where a value is from.
 *
 * - `server`: read from ZooKeeper.
 * - `snapshot`: from the snapshot file, until ZooKeeper was asked.
 * - `default`: there is no znode, or nothing in it.
 */
export type ConfigSource = "server" | "snapshot" | "default";

/** What is known of a value besides the value. */
export interface Origin {
  readonly source: ConfigSource;
  /** zxid of the write that made it; 0n for a default. */
  readonly mzxid: bigint;
  /** When it was written, by the server's clock; undefined for a default. */
  readonly time: Date | undefined;
  /** From the snapshot file: the truth has not arrived yet. */
  readonly stale: boolean;
  /** How old a stale one was when it was loaded: since it was last known to be the newest, milliseconds. 0 if it is not stale. */
  readonly ageMs: number;
}

/** A change that never reached the application: it cannot be decoded, or does not fit the schema. */
export interface InvalidConfig {
  readonly reason: InvalidReason;
  /** What is wrong. Shows no values. */
  readonly issues: readonly ConfigIssue[];
  /** The znode's. Of a tree: of its newest znode. */
  readonly version: number;
  readonly mzxid: bigint;
  readonly time: Date | undefined;
}
