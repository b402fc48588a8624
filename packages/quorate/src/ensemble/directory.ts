import { homedir } from "node:os";
import { join } from "node:path";
import type { StandingEnsemble } from "@quorate/testing";
import type { Command } from "commander";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";
import { loadTesting } from "../shared/load-testing.ts";

export interface DirectoryOptions {
  readonly dir: string;
}

/** Per user, so that `up` in one directory and `down` in another are about the same ensemble. */
export function addDirectoryOption(command: Command): Command {
  const state = process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
  return command.option("-d, --dir <directory>", "where its files are", join(state, "quorate", "ensemble"));
}

/** @throws CommandError if there is none */
export async function openEnsemble(dir: string): Promise<StandingEnsemble> {
  const found = await (await loadTesting()).StandingEnsemble.open(dir);
  if (found === undefined)
    throw new CommandError(`there is no ensemble in ${dir}: quorate ensemble up`, ExitStatus.noNode);
  return found;
}
