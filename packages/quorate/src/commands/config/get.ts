import type { Command } from "commander";
import { addConfigOptions, type ConfigOptions, openConfig } from "../../configuration/open.ts";
import { requireNode, show } from "../../configuration/show.ts";
import { doingConnected, serverCommand } from "../../shared/command.ts";

export function getConfig(): Command {
  const command = serverCommand(
    {
      name: "get",
      arguments: [["<path>", ""]],
      summary: "Print a configuration",
      details: "Status 3 if there is none, 8 if it does not parse.",
      examples: [
        ["config get /config/app", "as it was written"],
        ["config get /config/app --json | jq .version", "with version, author and time"],
      ],
    },
    addConfigOptions,
  );
  return doingConnected<[string], ConfigOptions>(command, async ({ client, out, signal }, [path], options) => {
    await requireNode(client, path, signal);
    await using watcher = await openConfig(client, path, options, { signal });
    show(out, path, watcher.version);
  });
}
