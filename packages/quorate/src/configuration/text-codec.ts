import type { Codec } from "@quorate/config";
import { UsageError } from "../shared/exit-status.ts";

export const formats = ["json", "yaml", "text"] as const;
export type TextFormat = (typeof formats)[number];

/**
 * Keeps the text as its author wrote it, comments and all, and refuses what does not parse: the values are the texts themselves. A lenient one
 * takes anything, for what is there to be replaced: who writes by it has to `assertParses()` before.
 */
export async function textCodec(
  format: TextFormat,
  { isLenient = false }: { readonly isLenient?: boolean } = {},
): Promise<Codec<string>> {
  const check = await checkOf(format);
  const decode = (data: Uint8Array): string => {
    const text = new TextDecoder("utf-8", { fatal: !isLenient }).decode(data);
    if (!isLenient) check(text);
    return text;
  };
  const encode = (text: string): string => {
    if (!isLenient) check(text);
    return text;
  };
  return { name: format, decode, encode };
}

/** @throws UsageError telling where it does not parse */
export async function assertParses(text: string, format: TextFormat): Promise<void> {
  try {
    (await checkOf(format))(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new UsageError(`not valid ${format}: ${reason}`, { cause });
  }
}

async function checkOf(format: TextFormat): Promise<(text: string) => void> {
  if (format === "text") return () => {};
  if (format === "json") return (text) => void JSON.parse(text);
  const { parse } = await import("yaml");
  return (text) => void parse(text);
}
