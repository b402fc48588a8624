import type { Origin } from "../publication/origin.ts";

/** Where a version of one znode's configuration is from. */
export interface NodeOrigin extends Origin {
  /** The znode's version; it starts again at 0 when the znode is deleted and created anew, `mzxid` does not. -1 for a default. */
  readonly version: number;
  /** Who wrote it, where the history tells. */
  readonly author: string | undefined;
}

/** One version of a configuration. `value` cannot be changed: objects in it are frozen, and of what cannot be frozen each reader gets a copy. */
export interface ConfigVersion<Value> extends NodeOrigin {
  readonly value: Value;
}
