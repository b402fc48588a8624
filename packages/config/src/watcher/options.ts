import { type Acl, InvalidArgumentError } from "@quorate/core";
import { type Bounds, validatePath } from "@quorate/core/recipe";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Codec, CodecName } from "../codecs/codec.ts";

/** What both kinds of configuration are opened with. The bounds are for the opening alone. */
export interface OpenOptions<Codecs extends CodecName | Codec> extends Bounds {
  /** Default `"json"`. */
  readonly codec?: Codecs | undefined;
  /**
   * File that keeps the last good state and serves a start while ZooKeeper is away. It holds the data as it is: its mode is 0600, its
   * directory is made with 0700 if there is none.
   */
  readonly snapshotFile?: string | undefined;
  /** How long opening waits for ZooKeeper before the snapshot serves, milliseconds; at most `timeoutMs`. Default 2 000. */
  readonly snapshotAfterMs?: number | undefined;
}

export interface HistorySettings {
  /** How many versions are kept, the newest included: 1 to 1 000. */
  readonly keep: number;
  /** Where. Default `/config/.history/app` for `/config/app`. */
  readonly path?: string | undefined;
}

export interface WatcherOptions<Codecs extends CodecName | Codec = CodecName | Codec> extends OpenOptions<Codecs> {
  /** Keeps that many last versions, or as told, beside the znode. Default: none. */
  readonly history?: number | HistorySettings | undefined;
  /** Who writes, for the history. */
  readonly author?: string | undefined;
  /** Of a znode this watcher has to create. Default the client's. Its history has the znode's own ACL. */
  readonly acl?: readonly Acl[] | undefined;
}

/** With a schema: the value is what the schema makes of it. */
export interface WithSchema<Schema extends StandardSchemaV1> {
  /** Any Standard Schema, such as those of zod, valibot and arktype. */
  readonly schema: Schema;
  /** The value while there is no znode, or nothing in it. Checked like any other. Default: opening waits for one. */
  readonly default?: StandardSchemaV1.InferInput<Schema> | undefined;
}

/** Without one: the value is what the codec makes of it. */
export interface WithoutSchema<Value> {
  readonly schema?: undefined;
  /** The value while there is no znode, or nothing in it. Default: opening waits for one. */
  readonly default?: Value | undefined;
}

const defaultSnapshotAfterMs = 2_000;
const maxKept = 1_000;
/** Above this the timers of Node.js fire at once. */
const maxDelayMs = 2 ** 31 - 1;

/** @throws InvalidArgumentError */
export function checkedOpening(
  path: string,
  { snapshotFile, snapshotAfterMs = defaultSnapshotAfterMs }: OpenOptions<CodecName | Codec>,
): { readonly snapshotFile: string | undefined; readonly snapshotAfterMs: number } {
  validatePath(path, "open");
  if (snapshotFile !== undefined && (typeof snapshotFile !== "string" || snapshotFile === "")) {
    throw refused(path, "snapshotFile is no path");
  }
  if (!(typeof snapshotAfterMs === "number" && snapshotAfterMs >= 0)) {
    throw refused(path, `snapshotAfterMs ${String(snapshotAfterMs)} is not a number of milliseconds from 0 up`);
  }
  return { snapshotFile, snapshotAfterMs: Math.min(snapshotAfterMs, maxDelayMs) };
}

/** @throws InvalidArgumentError */
export function checkedHistory(path: string, history: WatcherOptions["history"]): HistorySettings | undefined {
  if (history === undefined) return undefined;
  const settings = typeof history === "number" ? { keep: history } : history;
  const { keep, path: place } = settings;
  if (!Number.isInteger(keep) || keep < 1 || keep > maxKept) {
    throw refused(path, `history: ${String(keep)} is not a number of versions within 1..${maxKept}`);
  }
  if (place !== undefined) validatePath(place, "open");
  if (path === "/" && place === undefined) throw refused(path, "the history of / needs a path of its own");
  return settings;
}

function refused(path: string, why: string): InvalidArgumentError {
  return new InvalidArgumentError(why, { op: "open", path });
}
