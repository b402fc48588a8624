import { InvalidArgumentError } from "@quorate/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { LoadedCodec, Position } from "../codecs/codec.ts";
import { ConfigInvalidError } from "../errors.ts";
import { chain, isPromise, type MaybePromise } from "../maybe-promise.ts";
import { type ConfigIssue, type InvalidReason, safeIssues } from "./issue.ts";

/** What a znode, or a tree of them, says. */
export type Reading<Value> =
  | { readonly kind: "value"; readonly value: Value }
  /** There is no znode, or nothing in it. */
  | { readonly kind: "missing" }
  | Invalid;

export interface Invalid {
  readonly kind: "invalid";
  readonly reason: InvalidReason;
  readonly issues: readonly ConfigIssue[];
}

/** A value ready to be written, and what a reader will make of it. */
export interface Written<Value> {
  readonly data: Uint8Array;
  readonly value: Value;
}

/** Codec and schema as one: from bytes to a value that fits, and back. Never throws what quotes the data. */
export class Format<Value> {
  readonly codec: LoadedCodec;
  readonly #schema: StandardSchemaV1 | undefined;

  constructor(codec: LoadedCodec, schema: StandardSchemaV1 | undefined) {
    this.codec = codec;
    this.#schema = schema;
  }

  read(data: Uint8Array | null): MaybePromise<Reading<Value>> {
    return chain(this.decode(data), (decoded) => (decoded.kind === "value" ? this.validate(decoded.value) : decoded));
  }

  decode(data: Uint8Array | null): MaybePromise<Reading<unknown>> {
    if (!this.codec.acceptsEmpty && (data === null || data.length === 0)) return { kind: "missing" };
    try {
      const decoded = this.codec.decode(data ?? new Uint8Array());
      if (!isPromise(decoded)) return { kind: "value", value: decoded };
      return decoded.then(
        (value): Reading<unknown> => ({ kind: "value", value }),
        (error: unknown) => this.#undecodable(error),
      );
    } catch (error) {
      return this.#undecodable(error);
    }
  }

  validate(decoded: unknown): MaybePromise<Reading<Value>> {
    if (this.#schema === undefined) return { kind: "value", value: decoded as Value };
    const conclude = (result: StandardSchemaV1.Result<unknown>): Reading<Value> =>
      result.issues === undefined
        ? { kind: "value", value: result.value as Value }
        : { kind: "invalid", reason: "schema", issues: safeIssues(result.issues, decoded) };
    try {
      const result = this.#schema["~standard"].validate(decoded);
      return isPromise(result) ? result.then(conclude, threw) : conclude(result);
    } catch {
      return threw();
    }
  }

  /**
   * Encodes and reads back: what was accepted here and refused by every reader would cut them all off from their configuration.
   *
   * @throws ConfigInvalidError
   */
  async write(value: unknown, subject: { readonly op: string; readonly path: string }): Promise<Written<Value>> {
    const about = `${subject.op} ${subject.path}: the value is refused`;
    const data = await this.#encode(value);
    if (data === undefined) {
      const issues = [{ message: `cannot be written as ${this.codec.label}`, path: [] }];
      throw new ConfigInvalidError(about, { reason: "unencodable", issues }, subject);
    }
    const reading = await this.read(data);
    if (reading.kind === "value") return { data, value: reading.value };
    if (reading.kind === "invalid") throw new ConfigInvalidError(about, reading, subject);
    const issues = [{ message: "is empty", path: [] }];
    throw new ConfigInvalidError(about, { reason: "unencodable", issues }, subject);
  }

  async #encode(value: unknown): Promise<Uint8Array | undefined> {
    try {
      const encoded = await this.codec.encode(value);
      if (typeof encoded === "string") return Buffer.from(encoded);
      return encoded instanceof Uint8Array ? encoded : undefined;
    } catch {
      return undefined;
    }
  }

  #undecodable(error: unknown): Invalid {
    const position = positionOf(error);
    const at = position === undefined ? "" : ` (line ${position.line}, column ${position.column})`;
    const issues = [{ message: `is not valid ${this.codec.label}${at}`, path: [] }];
    return { kind: "invalid", reason: "undecodable", issues };
  }
}

/** @throws InvalidArgumentError */
export function checkedSchema(
  schema: unknown,
  subject: { readonly op: string; readonly path: string },
): StandardSchemaV1 | undefined {
  if (schema === undefined) return undefined;
  const standard = (schema as Partial<StandardSchemaV1> | null)?.["~standard"];
  if (typeof standard?.validate === "function") return schema as StandardSchemaV1;
  throw new InvalidArgumentError("schema is no Standard Schema: it has no ~standard.validate", subject);
}

function threw(): Invalid {
  return { kind: "invalid", reason: "schema", issues: [{ message: "the schema threw an error", path: [] }] };
}

/** As the parsers of YAML and TOML tell it; their messages quote the text. */
function positionOf(error: unknown): Position | undefined {
  const { line, column, linePos } = (error ?? {}) as {
    readonly line?: unknown;
    readonly column?: unknown;
    readonly linePos?: readonly { readonly line: number; readonly col: number }[];
  };
  const first = Array.isArray(linePos) ? linePos[0] : undefined;
  if (first !== undefined) return { line: Number(first.line), column: Number(first.col) };
  return typeof line === "number" && typeof column === "number" ? { line, column } : undefined;
}
