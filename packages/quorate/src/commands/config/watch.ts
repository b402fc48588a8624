import type { Command } from "commander";
import { addConfigOptions, type ConfigOptions, openConfig } from "../../configuration/open.ts";
import { versionJson } from "../../configuration/show.ts";
import { doingConnected, serverCommand } from "../../shared/command.ts";
import { safeLine } from "../../shared/safe-text.ts";
import { timeOfDay } from "../../shared/time.ts";

export function watchConfig(): Command {
  const command = serverCommand(
    {
      name: "watch",
      arguments: [["<path>", "need not exist yet"]],
      summary: "Follow a configuration, until Ctrl-C",
      details:
        "The version there is, then every newer one. One that does not parse is told on stderr, as applications do not take it either.",
      examples: [
        ["config watch /config/app", "a line each"],
        ["config watch /config/app --json | jq -c .text", "for programs"],
      ],
    },
    addConfigOptions,
  );
  return doingConnected<[string], ConfigOptions>(command, async ({ client, out, signal }, [path], options) => {
    out.note(`watching ${safeLine(path)}; Ctrl-C ends it`);
    await using watcher = await openConfig(client, path, options, { signal });
    watcher.on("invalid", ({ version }) =>
      out.warn(`version ${version} of ${safeLine(path)} does not parse: not taken`),
    );
    for await (const version of watcher.watch({ signal })) {
      const by = version.author === undefined ? "" : `, by ${safeLine(version.author)}`;
      const text = `${out.colors.dim(timeOfDay())}  version ${version.version}${by}  ${safeLine(version.value).slice(0, 100)}`;
      out.event(versionJson(path, version), text);
    }
  });
}
