import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { jsonData, shownData } from "../shared/safe-text.ts";
import { statJson, statRows } from "../shared/stat-text.ts";

interface Options {
  readonly raw?: true;
  readonly stat?: true;
}

export function get(): Command {
  const command = serverCommand(
    {
      name: "get",
      arguments: [["<path>", ""]],
      summary: "Print a znode's data",
      details:
        'To a file or a pipe the very bytes are written. On a terminal control characters are escaped and what is not UTF-8 is shown in hexadecimal; --raw writes the bytes there too. In JSON what is not UTF-8 is base64, with "encoding": "base64".',
      examples: [
        ["get /config/app", "the data"],
        ["get /config/app --stat", "and the metadata"],
        ["get /blobs/logo > logo.png", "the very bytes"],
      ],
    },
    (own) =>
      own
        .option("--raw", "the bytes as they are, on a terminal too")
        .option("-s, --stat", "the metadata as well, before the data"),
  );
  return doingConnected<[string], Options>(command, async ({ client, out, signal }, [path], options) => {
    const { data, stat } = await client.get(path, { signal });
    if (out.isJson) return out.result({ path, ...jsonData(data), stat: statJson(stat) }, () => {});
    if (options.stat === true) {
      await out.table(["STAT", ""], statRows(stat));
      out.line();
    }
    if (data === null || data.length === 0) return;
    if (options.raw === true || !out.isTerminal) out.bytes(data);
    else out.line(shownData(data));
  });
}
