import { hostname, userInfo } from "node:os";
import { ConfigWatcher } from "@quorate/config";
import type { Client } from "@quorate/core";
import { type Command, Option } from "commander";
import { parseCount } from "../shared/duration.ts";
import { formats, type TextFormat, textCodec } from "./text-codec.ts";

export interface ConfigOptions {
  readonly format: TextFormat;
  readonly keep: number;
  readonly author: string;
}

export function addConfigOptions(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "what has to parse").choices(formats).default("json"))
    .option("--keep <number>", "versions of its history to keep", parseCount, 20)
    .option("--author <text>", "who writes, for the history", `${userInfo().username}@${hostname()}`);
}

interface Opening {
  readonly signal: AbortSignal;
  /** In place of a znode that is missing, which is waited for otherwise. */
  readonly standIn?: string;
  /** Whether what is there may be broken: to replace it. */
  readonly isLenient?: boolean;
}

/** Follows the text of a configuration, with its history. */
export async function openConfig(
  client: Client,
  path: string,
  { format, keep, author }: ConfigOptions,
  { signal, standIn, isLenient = false }: Opening,
): Promise<ConfigWatcher<string>> {
  const codec = await textCodec(format, { isLenient });
  const missing = standIn === undefined ? {} : { default: standIn };
  return ConfigWatcher.open(client, path, { codec, history: keep, author, signal, ...missing });
}
