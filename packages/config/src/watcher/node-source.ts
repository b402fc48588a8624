import type { CachedNode, NodeCache } from "@quorate/core";
import { recordsIn } from "../history/head.ts";
import type { Candidate } from "../publication/publication.ts";
import type { Format } from "../schema/format.ts";
import type { Snapshot, SnapshotNode } from "../snapshot/snapshot-record.ts";
import { dateOf } from "../wall-clock.ts";
import type { NodeOrigin } from "./config-version.ts";

export const missingOrigin: NodeOrigin = {
  source: "default",
  mzxid: 0n,
  version: -1,
  time: undefined,
  author: undefined,
  stale: false,
  ageMs: 0,
};

/** What the server's znode says now. */
export function candidateOf<Value>(
  format: Format<Value>,
  node: CachedNode | undefined,
  head: CachedNode | undefined,
): Candidate<Value, NodeOrigin> {
  if (node === undefined) return { read: () => ({ kind: "missing" }), from: missingOrigin, key: "", nodes: [] };
  const { czxid, mzxid } = node.stat;
  const from = originOf(node.stat, authorIn(head, mzxid));
  return { read: () => format.read(node.data), from, key: `${czxid}/${mzxid}`, nodes: [node] };
}

export function snapshotCandidate<Value>(
  format: Format<Value>,
  { nodes: [node] }: Snapshot,
  ageMs: number,
): Candidate<Value, NodeOrigin> {
  const stale = { stale: true, ageMs, source: "snapshot" } as const;
  if (node === undefined) {
    return { read: () => ({ kind: "missing" }), from: { ...missingOrigin, ...stale }, key: "", nodes: [] };
  }
  const from = { ...originOf(node.stat, undefined), ...stale };
  return { read: () => format.read(node.data), from, key: "", nodes: [node] };
}

export function originOf(
  { mzxid, version, mtime }: Pick<SnapshotNode["stat"], "mzxid" | "version" | "mtime">,
  author: string | undefined,
): NodeOrigin {
  return { source: "server", mzxid, version, time: dateOf(mtime), author, stale: false, ageMs: 0 };
}

/** The history knows who wrote it if it was written with it, in one transaction. */
function authorIn(head: CachedNode | undefined, mzxid: bigint): string | undefined {
  return head?.stat.mzxid === mzxid ? recordsIn(head.data)?.at(-1)?.author : undefined;
}

/** The znode, and the head of its history where one is kept. */
export function nodesIn(caches: readonly unknown[]): readonly (CachedNode | undefined)[] {
  return (caches as readonly NodeCache[]).map((cache) => cache.get());
}
