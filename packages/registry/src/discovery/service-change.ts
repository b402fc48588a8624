import type { CacheChange, CachedNode } from "@quorate/core";
import type { ServiceInstance } from "../entry/service-instance.ts";
import type { Entry } from "./entries.ts";

/**
 * - `snapshot`: the instances there are; the first event.
 * - `added`, `removed`: also when an instance went and came again, be it unseen: `removed`, then `added`; and when it begins or ceases to fit
 *   the filter or the schema.
 * - `updated`: its entry changed, `enabled` for one.
 */
export type ServiceChange<Payload = unknown> =
  | { readonly type: "snapshot"; readonly instances: readonly ServiceInstance<Payload>[] }
  | { readonly type: "added"; readonly instance: ServiceInstance<Payload> }
  | {
      readonly type: "updated";
      readonly instance: ServiceInstance<Payload>;
      readonly before: ServiceInstance<Payload>;
    }
  | { readonly type: "removed"; readonly instance: ServiceInstance<Payload> };

/** What a change of the service's znodes tells of its instances. */
export function changesOf<Payload>(
  change: CacheChange,
  entryOf: (node: CachedNode) => Entry<Payload>,
): ServiceChange<Payload>[] {
  const after = change.type === "removed" ? undefined : instanceIn(entryOf(change.node));
  const nodeBefore = nodeBeforeOf(change);
  const before = nodeBefore && instanceIn(entryOf(nodeBefore));
  if (before === undefined) return after === undefined ? [] : [{ type: "added", instance: after }];
  if (after === undefined) return [{ type: "removed", instance: before }];
  if (nodeBefore?.stat.czxid !== change.node.stat.czxid) {
    return [
      { type: "removed", instance: before },
      { type: "added", instance: after },
    ];
  }
  // Written again as it was.
  if (Buffer.from(nodeBefore.data ?? []).equals(change.node.data ?? Buffer.of())) return [];
  return [{ type: "updated", instance: after, before }];
}

function nodeBeforeOf(change: CacheChange): CachedNode | undefined {
  if (change.type === "added") return undefined;
  return change.type === "updated" ? change.before : change.node;
}

function instanceIn<Payload>(entry: Entry<Payload>): ServiceInstance<Payload> | undefined {
  return entry.kind === "instance" ? entry.instance : undefined;
}
