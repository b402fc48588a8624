import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";
import { safeLine } from "../shared/safe-text.ts";
import { statJson, statRows } from "../shared/stat-text.ts";

export function stat(): Command {
  const command = serverCommand({
    name: "stat",
    arguments: [["<path>", ""]],
    summary: "Show a znode's metadata",
    details: "Needs no permission to read the znode. Status 3 if there is none.",
    examples: [
      ["stat /config/app", "kind, times, versions, sizes"],
      ["stat /config/app --quiet > /dev/null && echo there", "in a script"],
    ],
  });
  return doingConnected<[string]>(command, async ({ client, out, signal }, [path]) => {
    const found = await client.exists(path, { signal });
    if (found === undefined) throw new CommandError(`no such znode: ${safeLine(path)}`, ExitStatus.noNode);
    if (out.isJson) out.result({ path, ...statJson(found) }, () => {});
    else await out.table([safeLine(path), ""], statRows(found));
  });
}
