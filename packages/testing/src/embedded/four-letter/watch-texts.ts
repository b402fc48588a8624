import type { WatchTable } from "../watches/watch-table.ts";
import type { ServerReport } from "./server-report.ts";

function hex(sessionId: bigint): string {
  return `0x${sessionId.toString(16)}`;
}

/** `wchs`. As on ZooKeeper, the words about watches tell of data watches only. */
export function watchSummary({ byWatcher, byPath, size }: WatchTable): readonly string[] {
  return [`${byWatcher.size} connections watching ${byPath.size} paths`, `Total watches:${size}`];
}

/** `wchc`. */
export function watchesBySession({ byWatcher }: WatchTable): readonly string[] {
  const listed = [...byWatcher].flatMap(([{ sessionId }, paths]) => [
    hex(sessionId),
    ...[...paths.keys()].map((path) => `\t${path}`),
  ]);
  return [...listed, ""];
}

/** `wchp`. */
export function watchesByPath({ byPath }: WatchTable): readonly string[] {
  const listed = [...byPath].flatMap(([path, watchers]) => [
    path,
    ...[...watchers].map(({ sessionId }) => `\t${hex(sessionId)}`),
  ]);
  return [...listed, ""];
}

/** `dump`. */
export function dump({ state }: ServerReport): readonly string[] {
  const { sessions, tree } = state;
  const { ephemerals } = tree.lifetimes;
  return [
    "SessionTracker dump:",
    `Session Sets (${sessions.all.size}):`,
    ...[...sessions.all.keys()].map((id) => `\t${hex(id)}`),
    "ephemeral nodes dump:",
    `Sessions with Ephemerals (${ephemerals.size}):`,
    ...[...ephemerals].flatMap(([id, paths]) => [`${hex(id)}:`, ...[...paths].map((path) => `\t${path}`)]),
  ];
}
