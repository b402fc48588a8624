import type { Acl, Stat } from "@quorate/core";
import type { Bounds } from "@quorate/core/recipe";

/** The znode as it was read, undefined if there was none. */
export interface Base {
  readonly node: { readonly data: Uint8Array | null; readonly stat: Stat } | undefined;
}

/** What is to be written. */
export interface Change {
  readonly data: Uint8Array;
  /** Whether it makes no difference who wrote these bytes, as long as they are there. */
  readonly isIdempotent?: boolean | undefined;
  /** mzxid of the version whose bytes these are. */
  readonly rollbackOf?: bigint | undefined;
}

/** What is known of a write that was done. */
export type WriteStat = Pick<Stat, "version" | "mzxid" | "mtime">;

/** What became of a write whose answer was lost: `applied`, or provably `not-applied`, or nobody can tell. */
export type Fate =
  | { readonly kind: "applied"; readonly stat: WriteStat }
  | { readonly kind: "not-applied" | "unknown" };

/** How the znode is read and written: by itself, or with its history. */
export interface ConfigStore<B extends Base = Base> {
  load(bounds: Bounds): Promise<B>;
  /**
   * Writes over this base and nothing else. `id` is this attempt's own.
   *
   * @throws BadVersionError, NoNodeError, NodeExistsError if it is not the newest any more
   */
  commit(base: B, change: Change, id: string, bounds: Bounds): Promise<WriteStat>;
  /** Asked after a commit failed with an unknown outcome. */
  fate(base: B, change: Change, id: string, bounds: Bounds): Promise<Fate>;
}

export interface StoreOptions {
  readonly path: string;
  /** Of a znode that has to be made. */
  readonly acl: readonly Acl[] | undefined;
}
