import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { parseVersion } from "../shared/duration.ts";
import { type DataOptions, inputData } from "../shared/input-data.ts";
import { safeLine } from "../shared/safe-text.ts";
import { statJson } from "../shared/stat-text.ts";

interface Options extends DataOptions {
  readonly version?: number;
}

export function set(): Command {
  const command = serverCommand(
    {
      name: "set",
      arguments: [
        ["<path>", ""],
        ["[data]", "text; without it --file, --null or stdin"],
      ],
      summary: "Write a znode's data",
      examples: [
        ["set /config/limit 10", "whatever its version"],
        ["set /config/limit 10 --version 3", "only if nobody wrote since; else status 4"],
        ["set /config/app --file app.json", "from a file"],
        ["set /blobs/logo < logo.png", "from stdin"],
      ],
    },
    (own) =>
      own
        .option("--version <number>", "only if the znode still has this version", parseVersion)
        .option("-f, --file <file>", "the data; - for stdin")
        .option("--null", "no data at all"),
  );
  return doingConnected<[string, string?], Options>(command, async ({ client, out, signal }, [path, text], options) => {
    const data = await inputData(text, options);
    const { version } = options;
    const stat = await client.set(path, data, { signal, ...(version === undefined ? {} : { version }) });
    out.result({ path, stat: statJson(stat) }, () => out.line(`${safeLine(path)} now has version ${stat.version}`));
  });
}
