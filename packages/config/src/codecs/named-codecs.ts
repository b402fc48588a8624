import type { CodecName, LoadedCodec } from "./codec.ts";
import { optionalPackage } from "./optional-package.ts";
import { utf8 } from "./utf8.ts";

/** The parsers are loaded when their codec is first asked for: nobody needs all of them. */
export const namedCodecs: Readonly<Record<CodecName, () => Promise<LoadedCodec>>> = {
  json: async () => ({
    name: "json",
    label: "JSON",
    acceptsEmpty: false,
    decode: (data) => JSON.parse(utf8(data)) as unknown,
    encode: jsonOf,
  }),

  yaml: async () => {
    const { parse, stringify } = await optionalPackage("yaml", "yaml", () => import("yaml"));
    return {
      name: "yaml",
      label: "YAML",
      acceptsEmpty: false,
      // Its warnings go to process.emitWarning and quote the document.
      decode: (data) => parse(utf8(data), { logLevel: "error", prettyErrors: true }) as unknown,
      encode: (value) => stringify(value),
    };
  },

  toml: async () => {
    const { parse, stringify } = await optionalPackage("toml", "smol-toml", () => import("smol-toml"));
    return {
      name: "toml",
      label: "TOML",
      acceptsEmpty: false,
      decode: (data) => parse(utf8(data)),
      encode: (value) => stringify(withoutNull(value)),
    };
  },

  properties: async () => {
    const { parseLines, stringify } = await optionalPackage(
      "properties",
      "dot-properties",
      () => import("dot-properties"),
    );
    return {
      name: "properties",
      label: ".properties",
      acceptsEmpty: false,
      // Not by its parse(), which loses a key named __proto__.
      decode: (data) => Object.fromEntries(parseLines(utf8(data)).filter((line) => Array.isArray(line))),
      encode: (value) => stringify(pairsOf(value), { latin1: false, lineWidth: null }),
    };
  },

  text: async () => ({ name: "text", label: "UTF-8 text", acceptsEmpty: true, decode: utf8, encode: textOf }),

  bytes: async () => ({
    name: "bytes",
    label: "bytes",
    acceptsEmpty: true,
    decode: (data) => Uint8Array.from(data),
    encode: (value) => {
      if (!(value instanceof Uint8Array)) throw new TypeError("not bytes");
      return Uint8Array.from(value);
    },
  }),
};

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("no JSON value");
  return text;
}

/** TOML has no null, and the library leaves such keys out. */
function withoutNull(value: unknown): unknown {
  if (value === null) throw new TypeError("no TOML value");
  if (typeof value === "object" && value !== null) for (const item of Object.values(value)) withoutNull(item);
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value;
}

/** Nested objects have no form of their own there. */
function pairsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("not an object");
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => {
      if (item === null || typeof item === "object" || typeof item === "function") throw new TypeError("not a text");
      return [key, String(item)];
    });
}
