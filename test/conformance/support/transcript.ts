import { ServerError } from "@quorate/core";
import type { Acl, ClientInfo, MultiResult, QuorateError, Stat } from "@quorate/protocol";
import { describeAcl, describeData, describeStep } from "./describe-step.ts";
import type { Seen } from "./live-actor.ts";
import type { Outcome, Performance } from "./perform.ts";

/** As a stat's owner tells a container; TTL nodes have their time in the lower 40 bits. */
const containerOwner = -(2n ** 63n);
const ttlMask = 0xffn << 56n;

/**
 * What a performance has shown, the same wherever the servers behave the same: paths without the script's root, transactions numbered in
 * their order, sessions by name, no times.
 */
export function transcribe(performance: Performance, options: TranscriptOptions = {}): string {
  const names = new Names(performance);
  const { endsAreUnordered = false } = options;
  const lines = performance.outcomes.map((outcome) => {
    const isUnordered = endsAreUnordered && outcome.step.do === "close";
    return lineOf(isUnordered ? { ...outcome, events: inOneOrder(outcome.events) } : outcome, names);
  });
  return names.neutral(lines.join(""));
}

export interface TranscriptOptions {
  /** Several ephemeral znodes of one session go in whatever order the server keeps them. Default false. */
  readonly endsAreUnordered?: boolean;
}

function inOneOrder(events: Outcome["events"]): Outcome["events"] {
  const text = ({ path, type }: Seen): string => `${path} ${type}`;
  return new Map(
    [...events].map(([actor, seen]) => [actor, [...seen].sort((one, other) => (text(one) < text(other) ? -1 : 1))]),
  );
}

/** What is behind the numbers that differ from run to run. */
class Names {
  readonly #performance: Performance;
  readonly #order: ReadonlyMap<bigint, number>;

  constructor(performance: Performance) {
    this.#performance = performance;
    const zxids = new Set<bigint>();
    for (const { reply } of performance.outcomes) if ("ok" in reply) collectZxids(reply.ok, zxids);
    const sorted = [...zxids].sort((left, right) => (left < right ? -1 : 1));
    this.#order = new Map(sorted.map((zxid, index) => [zxid, index + 1]));
  }

  zxid(zxid: bigint): string {
    return zxid <= 0n ? String(zxid) : `z${this.#order.get(zxid)}`;
  }

  owner(owner: bigint): string {
    if (owner === 0n) return "";
    if (owner === containerOwner) return " container";
    const actor = this.#performance.actors.get(owner);
    if (actor !== undefined) return ` of ${actor}`;
    const bits = BigInt.asUintN(64, owner);
    return (bits & ttlMask) === ttlMask ? ` ttl ${bits & ~ttlMask}` : ` of ${owner}`;
  }

  neutral(text: string): string {
    const { base, address } = this.#performance;
    return text
      .replaceAll(`${base}/`, "/")
      .replaceAll(base, "/")
      .replaceAll(address, "ADDRESS")
      .replaceAll(/(\w)\1{99,}/g, (run, character) => `${character}*${run.length}`)
      .replaceAll(/[^\P{C}\n]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  }
}

function collectZxids(value: unknown, into: Set<bigint>): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === "bigint" && key.endsWith("zxid") && field > 0n) into.add(field);
    collectZxids(field, into);
  }
}

function lineOf({ step, depth, reply, events }: Outcome, names: Names): string {
  const indent = "  ".repeat(depth);
  const answer = "ok" in reply ? describeReply(reply.ok, names) : describeError(reply.error);
  let text = `${indent}${describeStep(step)} -> ${answer}\n`;
  for (const [actor, seen] of events) {
    for (const { type, path } of seen) text += `${indent}    ${actor}: ${type} ${path}\n`;
  }
  return text;
}

function describeError(error: QuorateError): string {
  const at = error instanceof ServerError && error.index !== undefined ? ` at ${error.index}` : "";
  return `${error.code}${at}`;
}

interface AnyReply {
  readonly path?: string;
  readonly stat?: Stat;
  readonly data?: Uint8Array | null;
  readonly acl?: readonly Acl[];
  readonly children?: readonly string[];
  readonly ephemerals?: readonly string[];
  readonly clientInfo?: readonly ClientInfo[];
  readonly totalNumber?: number;
  readonly results?: readonly MultiResult[];
  readonly err?: number;
}

function describeReply(reply: unknown, names: Names): string {
  if (typeof reply === "string") return reply;
  const { path, stat, data, acl, children, ephemerals, clientInfo, totalNumber, results, err } = (reply ??
    {}) as AnyReply;
  const parts: string[] = [];
  if (path !== undefined) parts.push(path);
  if (data !== undefined) parts.push(describeData(data));
  if (acl !== undefined) parts.push(describeAcl(acl));
  if (children !== undefined) parts.push(list(children));
  if (ephemerals !== undefined) parts.push(list(ephemerals));
  if (clientInfo !== undefined) parts.push(list(clientInfo.map(({ authScheme, user }) => `${authScheme}:${user}`)));
  if (totalNumber !== undefined) parts.push(String(totalNumber));
  if (err !== undefined && err !== 0) parts.push(`err ${err}`);
  if (results !== undefined) {
    parts.push(results.map((result) => `[${[result.op, describeReply(result, names)].join(" ").trim()}]`).join(" "));
  }
  if (stat !== undefined) parts.push(describeStat(stat, names));
  return parts.join(" ") || "ok";
}

function describeStat(stat: Stat, names: Names): string {
  const { version, cversion, aversion, dataLength, numChildren, czxid, mzxid, pzxid, ephemeralOwner } = stat;
  const zxids = [`c=${names.zxid(czxid)}`, `m=${names.zxid(mzxid)}`, `p=${names.zxid(pzxid)}`].join(" ");
  return `{v${version} c${cversion} a${aversion} ${dataLength}B ${numChildren} kids ${zxids}${names.owner(ephemeralOwner)}}`;
}

function list(items: readonly string[]): string {
  return `[${[...items].sort().join(" ")}]`;
}
