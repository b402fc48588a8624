import type { KeptVersion } from "@quorate/config";
import type { Command } from "commander";
import { addConfigOptions, type ConfigOptions, openConfig } from "../../configuration/open.ts";
import { requireNode } from "../../configuration/show.ts";
import { doingConnected, serverCommand } from "../../shared/command.ts";
import { safeLine } from "../../shared/safe-text.ts";

export function configHistory(): Command {
  const command = serverCommand(
    {
      name: "history",
      arguments: [["<path>", ""]],
      summary: "Show the versions that are kept, newest first",
      details: "Those written by this command or by applications that keep a history.",
      examples: [["config history /config/app", "who, when, what"]],
    },
    addConfigOptions,
  );
  return doingConnected<[string], ConfigOptions>(command, async ({ client, out, signal }, [path], options) => {
    await requireNode(client, path, signal);
    await using watcher = await openConfig(client, path, options, { signal, standIn: "", isLenient: true });
    const versions = await watcher.history({ signal });
    if (out.isJson) return out.result(versions.map(json), () => {});
    const rows = versions.map(({ version, time, author, rollbackOf, value }) => [
      String(version),
      time.toISOString(),
      safeLine(author ?? ""),
      rollbackOf === undefined ? "" : `as ${versions.find(({ mzxid }) => mzxid === rollbackOf)?.version ?? rollbackOf}`,
      safeLine(value ?? "").slice(0, 60),
    ]);
    await out.table(["VERSION", "TIME", "AUTHOR", "ROLLBACK", "TEXT"], rows);
  });
}

function json({ version, mzxid, time, author, rollbackOf, value }: KeptVersion<string>): object {
  return { version, mzxid, time, author, rollbackOf, text: value };
}
