import { readFile } from "node:fs/promises";
import type { Auth } from "@quorate/core";
import { UsageError } from "./exit-status.ts";

/** Reads what a user named on the command line. @throws UsageError */
export async function readNamedFile(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read ${what} ${path}: ${code ?? "failed"}`, { cause: error });
  }
}

/**
 * Identities, one a line: `digest:user:password`, `sasl:user:password`, or another scheme with what it takes. Empty lines and those that
 * begin with # do not count.
 *
 * @param source where it is from, for messages: the text itself is never shown
 * @throws UsageError
 */
export function parseIdentities(text: string, source: string): Auth[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.map((line, index): Auth => {
    const [, scheme = "", rest = ""] = /^([^:\s]+):(.+)$/.exec(line) ?? [];
    const where = `${source}, identity ${index + 1}`;
    if (scheme === "") throw new UsageError(`${where}: it has to be scheme:credential`);
    if (scheme !== "digest" && scheme !== "sasl") return { scheme, credential: rest };
    const [, username = "", password = ""] = /^([^:]+):(.+)$/.exec(rest) ?? [];
    if (username === "") throw new UsageError(`${where}: it has to be ${scheme}:user:password`);
    return scheme === "sasl" ? { scheme, username, password } : { scheme, username, password };
  });
}
