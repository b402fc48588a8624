import type { Operation, Stat } from "@quorate/protocol";
import { ConnectionLossError } from "../errors/client-errors.ts";
import { NoNodeError } from "../errors/server-errors.ts";
import type { Line } from "./line.ts";

/** An attempt that failed, and what the client knew when it was made. */
export interface Failure {
  readonly error: Error;
  readonly sessionId: bigint | undefined;
  /** Newest zxid seen until then. */
  readonly seenZxid: bigint | undefined;
}

/** The attempt if its answer was lost, so that nobody knows what became of it. */
export function lossIn(failed: Failure): Failure | undefined {
  return failed.error instanceof ConnectionLossError && failed.error.outcome === "unknown" ? failed : undefined;
}

/**
 * Whether a write guarded by a version provably was not applied when its answer was lost. The version alone does not tell: applied, then the
 * znode deleted and made anew, and the version is there again. So the znode has to be the one that was there when the write was sent, by its
 * czxid. What the old connection brought is decided by now: a server takes a session's requests in order, the `sync` behind them, and
 * refuses what comes late by way of another server (SESSION_MOVED).
 */
export async function wasNotApplied(line: Line, operation: Operation, lost: Failure): Promise<boolean> {
  const { seenZxid } = lost;
  if (lost.sessionId !== line.sessionId || seenZxid === undefined || !("version" in operation)) return false;
  const { op, path, version } = operation;
  const [, stat] = await Promise.all([line.request({ op: "sync", path }), statOf(line, path)]);
  if (stat === undefined || stat.czxid > seenZxid) return false;
  return version === (op === "setAcl" ? stat.aversion : stat.version);
}

async function statOf(line: Line, path: string): Promise<Stat | undefined> {
  try {
    return (await line.request({ op: "exists", path, watch: false })).stat;
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}
