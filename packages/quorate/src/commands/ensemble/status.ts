import type { Command } from "commander";
import { addDirectoryOption, type DirectoryOptions, openEnsemble } from "../../ensemble/directory.ts";
import { showEnsemble, viewOf } from "../../ensemble/show.ts";
import { doing, plainCommand } from "../../shared/command.ts";
import { ExitStatus } from "../../shared/exit-status.ts";

export function ensembleStatus(): Command {
  const command = addDirectoryOption(
    plainCommand({
      name: "status",
      summary: "Show what each server of this machine is",
      details: "Status 1 if there is no quorum, or a member is not what it was configured as.",
      examples: [["ensemble status", "role and address of each"]],
    }),
  );
  return doing<[], DirectoryOptions>(command, async (run, _args, { dir }) => {
    const ensemble = await openEnsemble(dir);
    const view = await viewOf(ensemble);
    await showEnsemble(run, ensemble, view);
    return view.quorum && view.asConfigured ? ExitStatus.ok : ExitStatus.no;
  });
}
