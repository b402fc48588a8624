import type { Command } from "commander";
import { addDirectoryOption, type DirectoryOptions } from "../../ensemble/directory.ts";
import { doing, plainCommand } from "../../shared/command.ts";
import { loadTesting } from "../../shared/load-testing.ts";

export function down(): Command {
  const command = addDirectoryOption(
    plainCommand({
      name: "down",
      summary: "Stop the servers of this machine and delete their files",
      details:
        "Their data are gone then; stop keeps them. Other files in the directory are left alone. Without effect if there is none.",
      examples: [["ensemble down", "all of it"]],
    }),
  );
  return doing<[], DirectoryOptions>(command, async ({ out }, _args, { dir }) => {
    const { StandingEnsemble: Standing } = await loadTesting();
    const removed = await out.progress("stopping", Standing.remove(dir));
    out.result({ directory: dir, removed }, () =>
      out.line(removed ? `removed the ensemble of ${dir}` : `no ensemble in ${dir}`),
    );
  });
}
