import { NoNodeError } from "@quorate/core";
import type { Bounds } from "@quorate/core/recipe";
import { within } from "@quorate/core/recipe";
import { ConfigInvalidError, VersionNotKeptError } from "../errors.ts";
import type { Format, Reading } from "../schema/format.ts";
import type { ConfigIssue } from "../schema/issue.ts";
import { copyOf } from "../values/copy.ts";
import { dateOf } from "../wall-clock.ts";
import type { Plan } from "../watcher/writer.ts";
import type { HistoryRecord } from "./head.ts";
import { completed, type HistoryBase, type HistoryStore, isRecorded } from "./history-store.ts";

/** One version that is kept. */
export interface KeptVersion<Value> {
  readonly version: number;
  readonly mzxid: bigint;
  readonly time: Date;
  readonly author: string | undefined;
  /** The version whose bytes these are, where it was made by a rollback. */
  readonly rollbackOf: bigint | undefined;
  /** Undefined if it does not fit the schema of today. */
  readonly value: Value | undefined;
  /** What is wrong with it then. */
  readonly issues: readonly ConfigIssue[];
}

/** A znode version, a mzxid, or something that has one. */
export type VersionReference = number | bigint | { readonly mzxid: bigint };

/** Newest first. */
export function keptVersions<Value>(
  history: HistoryStore,
  format: Format<Value>,
  path: string,
  bounds: Bounds,
): Promise<KeptVersion<Value>[]> {
  return within(bounds, { op: "history", path }, async (inner) => {
    const base = await history.load(inner);
    const { node } = base;
    const kept = completed(base).map(async (record): Promise<KeptVersion<Value> | undefined> => {
      const data = await bytesOf(history, record, inner);
      return data === undefined ? undefined : keptVersion(record, await format.read(data));
    });
    const versions = (await Promise.all(kept)).filter((version) => version !== undefined);
    if (node !== undefined && !isRecorded(base)) {
      const { version, mzxid, mtime } = node.stat;
      const record = { entry: "", version, mzxid: String(mzxid), time: Number(mtime) };
      versions.push(keptVersion(record, await format.read(node.data)));
    }
    return versions.toReversed().slice(0, history.keep);
  });
}

/** What `rollback()` does over one base. */
export function planRollback<Value>(
  history: HistoryStore,
  format: Format<Value>,
  path: string,
  wanted: VersionReference,
): (base: HistoryBase, bounds: Bounds) => Promise<Plan<Value>> {
  const subject = { op: "rollback", path };
  const notKept = (): VersionNotKeptError =>
    new VersionNotKeptError(`rollback ${path}: version ${inWords(wanted)} is not kept`, subject);
  return async (base, bounds) => {
    const record = completed(base).findLast((one) => isMeant(one, wanted));
    const data = record && (await bytesOf(history, record, bounds));
    if (record === undefined || data === undefined) throw notKept();
    const reading = await format.read(data);
    const about = `rollback ${path}: version ${record.version} is refused`;
    if (reading.kind === "invalid") throw new ConfigInvalidError(about, reading, subject);
    if (reading.kind === "missing") throw notKept();
    const { value } = reading;
    const isNewest = isRecorded(base) && record.entry === base.records.at(-1)?.entry;
    if (isNewest && base.node !== undefined) return { kind: "keep", value, stat: base.node.stat };
    return { kind: "write", written: { data, value }, rollbackOf: BigInt(record.mzxid ?? 0) };
  };
}

function isMeant({ version, mzxid }: HistoryRecord, wanted: VersionReference): boolean {
  if (typeof wanted === "number") return version === wanted;
  return mzxid === String(typeof wanted === "bigint" ? wanted : wanted.mzxid);
}

function inWords(wanted: VersionReference): string {
  return typeof wanted === "object" ? `of mzxid ${wanted.mzxid}` : String(wanted);
}

/** Undefined if the entry has gone. */
async function bytesOf(history: HistoryStore, record: HistoryRecord, bounds: Bounds): Promise<Uint8Array | undefined> {
  try {
    return (await history.bytesOf(record, bounds)) ?? new Uint8Array();
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}

function keptVersion<Value>(record: HistoryRecord, reading: Reading<Value>): KeptVersion<Value> {
  const { version, mzxid = "0", time = 0, author, rollbackOf } = record;
  return {
    version,
    mzxid: BigInt(mzxid),
    time: dateOf(time),
    author,
    rollbackOf: rollbackOf === undefined ? undefined : BigInt(rollbackOf),
    value: reading.kind === "value" ? copyOf(reading.value, { frozen: true }) : undefined,
    issues: reading.kind === "invalid" ? reading.issues : [],
  };
}
