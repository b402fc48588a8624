import type { WatchEventType } from "@quorate/protocol";

/**
 * What a watch follows. `node`: the znode being created, changed and deleted. `children`: its list of children, and itself being created
 * and deleted. `recursive`: as `node`, for the znode and everything below it.
 */
export type WatchMode = "node" | "children" | "recursive";

/** Something happened to a znode. */
export interface ZnodeChange {
  readonly type: WatchEventType;
  readonly path: string;
  /** zxid of the change where it is known (servers 3.9 and newer tell it), else -1. */
  readonly zxid: bigint;
}

/**
 * Changes may have been missed: the connection was away, the session is a new one, or the reader was too slow. Whoever needs the state has
 * to read it again, through the same client: its reads are answered once the watch is armed. Comes once for each gap; what happens after such
 * a read is seen again.
 */
export interface Resync {
  readonly type: "resync";
  /** The path that is watched. */
  readonly path: string;
}

export type ZnodeEvent = ZnodeChange | Resync;

/** Whether a watch of this mode on `watched` itself tells of such an event there. */
export function tells(mode: WatchMode, type: WatchEventType): boolean {
  return type !== (mode === "children" ? "dataChanged" : "childrenChanged");
}
