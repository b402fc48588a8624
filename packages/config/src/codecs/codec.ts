import type { MaybePromise } from "../maybe-promise.ts";

/** The way between a znode's bytes and a value. Own ones may be asynchronous. What they throw is never shown: it may quote the data. */
export interface Codec<Value = unknown> {
  /** Tells the codec apart from others, in snapshot files. Default `"custom"`. */
  readonly name?: string | undefined;
  decode(data: Uint8Array): MaybePromise<Value>;
  encode(value: Value): MaybePromise<Uint8Array | string>;
}

/**
 * - `json`: any JSON value.
 * - `yaml`: one YAML 1.2 document; needs the package `yaml`.
 * - `toml`: needs the package `smol-toml`.
 * - `properties`: Java's `.properties` in UTF-8, a flat object of texts; needs the package `dot-properties`.
 * - `text`: UTF-8.
 * - `bytes`: as they are.
 */
export type CodecName = "json" | "yaml" | "toml" | "properties" | "text" | "bytes";

/** What a codec alone, without a schema, makes of a znode. */
export type CodecValue<C> = C extends "text"
  ? string
  : C extends "bytes"
    ? Uint8Array
    : C extends "properties"
      ? Readonly<Record<string, string>>
      : C extends Codec<infer Value>
        ? Value
        : unknown;

/** A codec ready for use. */
export interface LoadedCodec extends Codec {
  readonly name: string;
  /** For messages, as in "is not valid JSON". */
  readonly label: string;
  /** Whether a znode without data holds a value; else there is none yet. */
  readonly acceptsEmpty: boolean;
}

/** Where a parser says the offence is; counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
