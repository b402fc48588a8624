import type { ServerReport } from "./four-letter/server-report.ts";
import { mode } from "./four-letter/server-report.ts";
import { describeLeaks, leaksOf } from "./leaks.ts";
import { walk } from "./tree/walk.ts";
import type { Znode } from "./tree/znode.ts";

/** All a server knows, for people; without the znodes' data. */
export function dumpText(report: ServerReport): string {
  const { state, connections } = report;
  const znodes = [...walk(state.tree.nodes, "/")].map(([path, node]) => znodeLine(path, node));
  const left = describeLeaks(leaksOf(state));
  return [
    `embedded server (${mode(report)}): zxid 0x${state.lastZxid.toString(16)}, ${connections.length} connections`,
    ...(left === "" ? [] : [left]),
    "znodes:",
    ...znodes,
  ].join("\n");
}

function znodeLine(path: string, { data, version, lifetime }: Znode): string {
  const owner = lifetime.kind === "ephemeral" ? ` of 0x${lifetime.sessionId.toString(16)}` : "";
  const kind = lifetime.kind === "persistent" ? "" : ` ${lifetime.kind}${owner}`;
  return `  ${path} (${data === null ? "null" : `${data.length} bytes`}, version ${version}${kind})`;
}
