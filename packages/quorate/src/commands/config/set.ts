import type { Command } from "commander";
import { addConfigOptions, type ConfigOptions, openConfig } from "../../configuration/open.ts";
import { versionJson } from "../../configuration/show.ts";
import { assertParses } from "../../configuration/text-codec.ts";
import { doingConnected, serverCommand } from "../../shared/command.ts";
import { parseCount } from "../../shared/duration.ts";
import { inputData } from "../../shared/input-data.ts";
import { safeLine } from "../../shared/safe-text.ts";

interface Options extends ConfigOptions {
  readonly file?: string;
  readonly version?: number;
}

export function setConfig(): Command {
  const command = serverCommand(
    {
      name: "set",
      arguments: [
        ["<path>", ""],
        ["[text]", "without it --file or stdin"],
      ],
      summary: "Replace a configuration, or make one",
      details: "What does not parse is refused with status 2, and nothing is written.",
      examples: [
        ["config set /config/app '{\"limit\":10}'", "JSON"],
        ["config set /config/app --format yaml --file app.yaml", "YAML, comments and all"],
        ["config set /config/app --version 3 < app.json", "only if nobody wrote since; else status 4"],
      ],
    },
    (own) =>
      addConfigOptions(own)
        .option("-f, --file <file>", "the text; - for stdin")
        .option("--version <number>", "only if it still has this version", parseCount),
  );
  return doingConnected<[string, string?], Options>(
    command,
    async ({ client, out, signal }, [path, argument], options) => {
      const { file, version } = options;
      const data = await inputData(argument, file === undefined ? {} : { file });
      const text = Buffer.from(data ?? "").toString("utf8");
      await assertParses(text, options.format);
      await using watcher = await openConfig(client, path, options, { signal, standIn: text, isLenient: true });
      const written = await watcher.set(text, { signal, ...(version === undefined ? {} : { ifVersion: version }) });
      out.result(versionJson(path, written), () => out.line(`${safeLine(path)} now has version ${written.version}`));
    },
  );
}
