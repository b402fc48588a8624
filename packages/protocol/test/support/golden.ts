import { readFileSync } from "node:fs";
import { nullableString, string } from "../../src/jute/codec.ts";
import type { AnyCodec, AnyRecordCodec } from "./codecs.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface RecordVector {
  readonly record: string;
  readonly case: string;
  readonly fields: Fields;
  readonly hex: string;
}

export interface MultiVector {
  readonly op: "multi" | "multiRead";
  readonly side: "request" | "reply";
  readonly fields: Fields;
  readonly hex: string;
}

export interface CapturedFrame {
  readonly step: string;
  readonly from: "client" | "server";
  /** Absent in the handshake. */
  readonly header?: { readonly xid: number; readonly type: number; readonly zxid: bigint; readonly err: number };
  readonly record?: string;
  readonly fields?: Fields;
  readonly hex: string;
}

interface Vectors {
  readonly records: readonly RecordVector[];
  readonly multis: readonly MultiVector[];
  readonly opCodes: Readonly<Record<string, number>>;
  readonly errorCodes: Readonly<Record<string, number>>;
  readonly createModes: Readonly<Record<string, number>>;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$long" in value) return BigInt(value.$long as string);
  if ("$bytes" in value) return new Uint8Array(Buffer.from(value.$bytes as string, "hex"));
  return value;
}

function load(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), "utf8"), revive);
}

export const vectors: Vectors = load("vectors.json") as Vectors;
export const traffic: readonly CapturedFrame[] = (load("traffic.json") as { frames: CapturedFrame[] }).frames;

/**
 * What a reader makes of the fields Java wrote: a null string or vector reads as empty, an absent `readOnly` as false. Says too whether
 * writing the fields gives the very same bytes: not where one of these came in, nor for a character beyond the common plane, which is
 * written as real UTF-8 and not as ZooKeeper's two surrogates.
 */
export function asRead(codec: AnyCodec, value: unknown): { readonly value: unknown; readonly isExact: boolean } {
  if (codec === string && value === null) return { value: "", isExact: false };
  if (codec === string || codec === nullableString) {
    return { value, isExact: !/[\ud800-\udfff]/.test((value ?? "") as string) };
  }
  if ("element" in codec) {
    if (value === null) return { value: [], isExact: false };
    const read = (value as unknown[]).map((each) => asRead(codec.element as AnyCodec, each));
    return { value: read.map((each) => each.value), isExact: read.every((each) => each.isExact) };
  }
  if (!("fields" in codec)) return value === undefined ? { value: false, isExact: false } : { value, isExact: true };
  const read = Object.entries((codec as AnyRecordCodec).fields).map(
    ([name, field]) => [name, asRead(field, (value as Fields)[name])] as const,
  );
  return {
    value: Object.fromEntries(read.map(([name, each]) => [name, each.value])),
    isExact: read.every(([, each]) => each.isExact),
  };
}
