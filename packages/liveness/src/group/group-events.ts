import type { CacheChange } from "@quorate/core";
import { type GroupEvent, memberOf } from "./member.ts";

/** What a change in the group's directory tells of its members. */
export function eventsOf(change: CacheChange): GroupEvent[] {
  const member = memberOf(change.node);
  if (change.type === "added") return [{ type: "joined", member }];
  if (change.type === "removed") return [{ type: "left", member }];
  const before = memberOf(change.before);
  if (before.stat.czxid !== member.stat.czxid) {
    return [
      { type: "left", member: before },
      { type: "joined", member },
    ];
  }
  // A TTL node is touched by writing the same again.
  return isSame(before.data, member.data) ? [] : [{ type: "updated", member, before }];
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.from(a).equals(b);
}
