import type { Stat, WatchEventType } from "@quorate/protocol";

/** The fields of a Stat that tell one state of a znode from another. */
export type Version = Pick<Stat, "czxid" | "mzxid" | "pzxid">;

export interface FoundChange {
  readonly type: WatchEventType;
  readonly zxid: bigint;
}

const unknownZxid = -1n;

/**
 * The events that lead from one state of a znode to another, undefined being its absence. Of several changes of one kind in between only
 * the newest is found.
 */
export function changesBetween(
  about: "data" | "children",
  before: Version | undefined,
  after: Version | undefined,
): readonly FoundChange[] {
  const changes: FoundChange[] = [];
  const isSame = before !== undefined && before.czxid === after?.czxid;
  if (before !== undefined && !isSame) changes.push({ type: "deleted", zxid: unknownZxid });
  if (after === undefined) return changes;
  if (!isSame) changes.push({ type: "created", zxid: after.czxid });
  if (about === "children") {
    if (after.pzxid !== (isSame ? before.pzxid : after.czxid))
      changes.push({ type: "childrenChanged", zxid: after.pzxid });
  } else if (isSame && after.mzxid !== before.mzxid) {
    changes.push({ type: "dataChanged", zxid: after.mzxid });
  }
  return changes;
}
