import { types } from "node:util";
import type { StandardSchemaV1 } from "@standard-schema/spec";

/**
 * - `undecodable`: the codec could not read the bytes.
 * - `schema`: what they say does not fit the schema.
 * - `unencodable`: the codec cannot write the value.
 */
export type InvalidReason = "undecodable" | "schema" | "unencodable";

/** What is wrong, and where. Shows no value: see `safeIssues`. */
export interface ConfigIssue {
  readonly message: string;
  /** Keys from the root of the value to the offence. */
  readonly path: readonly PropertyKey[];
}

const withheld = "does not fit the schema (the message is withheld: it quotes the value)";

/**
 * A schema library's issues without the data. Messages of zod name types, those of valibot and arktype quote what they found: a password as
 * likely as anything. A message that shares a run of characters with any value is withheld; keys may be named.
 */
export function safeIssues(issues: readonly StandardSchemaV1.Issue[], value: unknown): ConfigIssue[] {
  const texts = textsIn(value);
  return issues.map(({ message, path = [] }) => ({
    message: quotes(message, texts) ? withheld : message,
    // Not by its own map(): arktype's paths are arrays of a kind of their own.
    path: Array.from(path, (segment) => (typeof segment === "object" ? segment.key : segment)),
  }));
}

/** Shorter runs are shared by chance; a shorter value counts as a word of its own. */
const runLength = 4;

function quotes(message: string, { whole, short }: Texts): boolean {
  for (let start = 0; start + runLength <= message.length; start++) {
    if (whole.includes(message.slice(start, start + runLength))) return true;
  }
  return message.split(/[^\p{L}\p{N}.+-]+/u).some((word) => short.has(word));
}

interface Texts {
  /** All values, as they are and as JSON writes them, with a separator no message has. */
  readonly whole: string;
  readonly short: ReadonlySet<string>;
}

function textsIn(value: unknown): Texts {
  const parts: string[] = [];
  const short = new Set<string>();
  const seen = new Set<object>();
  const visit = (item: unknown): void => {
    if (item instanceof Uint8Array) parts.push(Buffer.from(item).toString("latin1"), [...item].join(","));
    else if (types.isDate(item)) parts.push(String(item), Number.isNaN(item.getTime()) ? "" : item.toISOString());
    else if (typeof item === "object" && item !== null) {
      if (seen.has(item)) return;
      seen.add(item);
      const items: Iterable<unknown> = item instanceof Map || item instanceof Set ? item : Object.values(item);
      for (const inner of items) visit(inner);
    } else if (typeof item === "string" || typeof item === "number" || typeof item === "bigint") {
      const text = String(item);
      if (text.length < runLength) short.add(text);
      else parts.push(text, JSON.stringify(text));
    }
  };
  visit(value);
  return { whole: parts.join("\u0000"), short };
}
