import type { Client, TreeCache } from "@quorate/core";
import { inOrder, joinPath, type WaitingLine } from "@quorate/core/recipe";
import { idOf, type Leader } from "./participant.ts";
import { decodeProclamation } from "./proclamation.ts";

/** The leader now, undefined while there is none, and then every newer one. A slow reader misses what was overtaken. */
export async function* observeLeader(
  client: Client,
  line: WaitingLine,
  signal: AbortSignal,
): AsyncGenerator<Leader | undefined, void, undefined> {
  await using cache = await client.cache(line.directory, { mode: "tree", maxDepth: 1, signal });
  const changes = cache.changes({ signal });
  let told = leaderIn(cache, line);
  yield told;
  for await (const _ of changes) {
    const leader = leaderIn(cache, line);
    if (isSame(leader, told)) continue;
    told = leader;
    yield told;
  }
}

function leaderIn(cache: TreeCache, { directory, marker }: WaitingLine): Leader | undefined {
  const [first] = inOrder(cache.children(directory), marker);
  const node = first && cache.get(joinPath(directory, first.name));
  if (node === undefined) return undefined;
  const fencingToken = node.stat.czxid;
  const data = decodeProclamation(cache.get(directory)?.data ?? null, fencingToken);
  return { id: idOf(node.data), fencingToken, data };
}

function isSame(a: Leader | undefined, b: Leader | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.fencingToken === b.fencingToken && a.id === b.id && isSameData(a.data, b.data);
}

function isSameData(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.from(a).equals(b);
}
