import type { Command } from "commander";
import { addConfigOptions, type ConfigOptions, openConfig } from "../../configuration/open.ts";
import { requireNode, versionJson } from "../../configuration/show.ts";
import { assertParses } from "../../configuration/text-codec.ts";
import { doingConnected, serverCommand } from "../../shared/command.ts";
import { parseCount } from "../../shared/duration.ts";
import { safeLine } from "../../shared/safe-text.ts";

export function rollbackConfig(): Command {
  const command = serverCommand(
    {
      name: "rollback",
      arguments: [["<path>", ""]],
      summary: "Write an earlier version again, as a new one",
      details: "Status 3 if that version is not kept.",
      examples: [["config rollback /config/app 3", "what version 3 was; history shows them"]],
    },
    addConfigOptions,
  ).argument("<version>", "as history shows it", parseCount);
  return doingConnected<[string, number], ConfigOptions>(
    command,
    async ({ client, out, signal }, [path, version], options) => {
      await requireNode(client, path, signal);
      await using watcher = await openConfig(client, path, options, { signal, standIn: "", isLenient: true });
      const wanted = (await watcher.history({ signal })).find((kept) => kept.version === version);
      // One that does not parse would be taken by nobody.
      if (wanted?.value !== undefined) await assertParses(wanted.value, options.format);
      const written = await watcher.rollback(version, { signal });
      const text = `${safeLine(path)} now has version ${written.version}, with the text of ${version}`;
      out.result(versionJson(path, written), () => out.line(text));
    },
  );
}
