import { NoNodeError } from "@quorate/core";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { parseVersion } from "../shared/duration.ts";
import { UsageError } from "../shared/exit-status.ts";
import { safeLine } from "../shared/safe-text.ts";

interface Options {
  readonly recursive?: true;
  readonly version?: number;
  readonly ifExists?: true;
}

export function remove(): Command {
  const command = serverCommand(
    {
      name: "delete",
      arguments: [["<path>", ""]],
      summary: "Delete a znode",
      examples: [
        ["delete /config/old", "fails with status 4 if it has children"],
        ["delete /config/old --recursive", "with everything below it"],
        ["delete /config/old --version 3", "only if nobody wrote since"],
      ],
    },
    (own) =>
      own
        .option("-r, --recursive", "everything below it too, deepest first")
        .option("--version <number>", "only if the znode still has this version", parseVersion)
        .option("--if-exists", "no failure when there is none"),
  );
  return doingConnected<[string], Options>(command, async ({ client, out, signal }, [path], options) => {
    if (path === "/") throw new UsageError("the root cannot be deleted");
    const { recursive = false, version, ifExists } = options;
    let isDeleted = true;
    try {
      await client.delete(path, { recursive, signal, ...(version === undefined ? {} : { version }) });
    } catch (error) {
      if (ifExists !== true || !(error instanceof NoNodeError)) throw error;
      isDeleted = false;
    }
    const text = isDeleted ? "deleted" : "there was no";
    out.result({ path, deleted: isDeleted }, () => out.line(`${text} ${safeLine(path)}`));
  });
}
