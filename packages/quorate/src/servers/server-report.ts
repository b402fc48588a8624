import { formatServer } from "@quorate/core";
import { fourLetterWord, type Question, WordForbiddenError } from "./four-letter-word.ts";

/** `silent`: it answers, but may not tell. */
export type ReportedMode =
  | "leader"
  | "follower"
  | "observer"
  | "standalone"
  | "read-only"
  | "not-serving"
  | "unreachable"
  | "silent";

/** What one server says of itself. What it does not tell is undefined. */
export interface ServerReport {
  readonly server: string;
  readonly mode: ReportedMode;
  /** Why, where it is unreachable or silent. */
  readonly problem?: string;
  /** From the question to the answer, milliseconds. */
  readonly answerMs?: number;
  readonly version?: string;
  readonly zxid?: bigint;
  readonly sessions?: number;
  readonly connections?: number;
  readonly watches?: number;
  readonly outstanding?: number;
  readonly znodes?: number;
  readonly latencyMs?: { readonly min: number; readonly avg: number; readonly max: number };
  /** Told by the leader: how many members vote, and how many followers are up to date. */
  readonly voters?: number;
  readonly syncedFollowers?: number;
}

const modes: readonly string[] = ["leader", "follower", "observer", "standalone", "read-only"];

/** Asks a server. Never rejects, except by the signal. */
export async function reportOf(question: Question): Promise<ServerReport> {
  const server = formatServer(question.server);
  const startedAt = performance.now();
  try {
    const srvr = await fourLetterWord("srvr", question);
    const answerMs = performance.now() - startedAt;
    // Only `srvr` is allowed by default.
    const mntr = await fourLetterWord("mntr", question).catch(() => "");
    return { server, answerMs, ...parseSrvr(srvr), ...parseMntr(mntr) };
  } catch (error) {
    question.signal.throwIfAborted();
    const problem = error instanceof Error ? error.message : String(error);
    return { server, mode: error instanceof WordForbiddenError ? "silent" : "unreachable", problem };
  }
}

export function parseSrvr(text: string): Omit<ServerReport, "server"> {
  const field = (name: string): string | undefined => new RegExp(`^${name}: *(.+)$`, "m").exec(text)?.[1];
  const mode = field("Mode");
  const zxid = field("Zxid");
  const [min, avg, max] = (field("Latency min/avg/max") ?? "").split("/").map(Number);
  return {
    mode: mode !== undefined && modes.includes(mode) ? (mode as ReportedMode) : "not-serving",
    ...optional("version", field("Zookeeper version")?.replace(/[-,].*$/, "")),
    ...optional("zxid", zxid === undefined ? undefined : BigInt(zxid)),
    ...optional("connections", numberOf(field("Connections"))),
    ...optional("outstanding", numberOf(field("Outstanding"))),
    ...optional("znodes", numberOf(field("Node count"))),
    ...(min === undefined || avg === undefined || max === undefined ? {} : { latencyMs: { min, avg, max } }),
  };
}

export function parseMntr(text: string): Partial<ServerReport> {
  const value = (name: string): number | undefined => numberOf(new RegExp(`^zk_${name}\\t(.+)$`, "m").exec(text)?.[1]);
  return {
    ...optional("sessions", value("global_sessions")),
    ...optional("watches", value("watch_count")),
    ...optional("voters", value("quorum_size")),
    ...optional("syncedFollowers", value("synced_followers")),
  };
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: Value };
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? undefined : value;
}

export type QuorumState = "yes" | "no" | "unknown";

/**
 * Whether there is a quorum, by what the servers say: whoever serves as leader, follower or observer belongs to one. But a leader that lost
 * its followers takes some seconds to notice, and tells before that how many are left. Unknown where only those answered that may not tell.
 */
export function quorumOf(reports: readonly ServerReport[]): QuorumState {
  const isServing = ({ mode }: ServerReport): boolean =>
    ["leader", "follower", "observer", "standalone"].includes(mode);
  const isDeserted = ({ voters = 0, syncedFollowers }: ServerReport): boolean =>
    syncedFollowers !== undefined && syncedFollowers + 1 <= voters / 2;
  if (reports.some((report) => report.mode === "leader" && isDeserted(report))) return "no";
  if (reports.some(isServing)) return "yes";
  return reports.some(({ mode }) => mode === "silent") ? "unknown" : "no";
}
