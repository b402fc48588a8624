import type { CachedNode, Stat } from "@quorate/core";
import { nodeName } from "@quorate/core/recipe";

/** A member as the servers know it. */
export interface Member {
  readonly id: string;
  /** What it joined with, or set last. Treat it as read-only. */
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

/**
 * - `snapshot`: who is in; the first event.
 * - `joined`, `left`: also when a member went and came again, be it unseen: `left`, then `joined`.
 * - `updated`: its data changed.
 */
export type GroupEvent =
  | { readonly type: "snapshot"; readonly members: readonly Member[] }
  | { readonly type: "joined"; readonly member: Member }
  | { readonly type: "updated"; readonly member: Member; readonly before: Member }
  | { readonly type: "left"; readonly member: Member };

export function memberOf({ path, data, stat }: CachedNode): Member {
  return { id: nodeName(path), data, stat };
}

/** Longest in first. */
export function bySeniority(a: Member, b: Member): number {
  return a.stat.czxid < b.stat.czxid ? -1 : 1;
}
