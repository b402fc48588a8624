import type { ServerState } from "./server-state.ts";

/** What clients have left on a server. */
export interface Leaks {
  /** Sessions that are open. */
  readonly sessions: readonly bigint[];
  readonly watches: readonly { readonly path: string; readonly sessionId: bigint }[];
  readonly ephemerals: readonly { readonly path: string; readonly sessionId: bigint }[];
}

export function leaksOf({ sessions, watches, tree }: ServerState): Leaks {
  const watched = [watches.data, watches.children].flatMap(({ byWatcher }) =>
    [...byWatcher].flatMap(([{ sessionId }, paths]) => [...paths.keys()].map((path) => ({ path, sessionId }))),
  );
  const seen = new Set<string>();
  return {
    sessions: [...sessions.all.keys()],
    // One that stays is in both tables.
    watches: watched.filter(({ path, sessionId }) => seen.size < seen.add(`${sessionId} ${path}`).size),
    ephemerals: [...tree.lifetimes.ephemerals].flatMap(([sessionId, paths]) =>
      [...paths].map((path) => ({ path, sessionId })),
    ),
  };
}

/** For the message of a failed test; empty where nothing is left. */
export function describeLeaks({ sessions, watches, ephemerals }: Leaks): string {
  const entry = ({ path, sessionId }: { path: string; sessionId: bigint }): string => `${path} (${hex(sessionId)})`;
  return [
    ...(sessions.length > 0 ? [`sessions still open: ${sessions.map(hex).join(", ")}`] : []),
    ...(watches.length > 0 ? [`watches left: ${watches.map(entry).join(", ")}`] : []),
    ...(ephemerals.length > 0 ? [`ephemeral znodes left: ${ephemerals.map(entry).join(", ")}`] : []),
  ].join("\n");
}

function hex(sessionId: bigint): string {
  return `0x${sessionId.toString(16)}`;
}
