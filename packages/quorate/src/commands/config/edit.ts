import type { Command } from "commander";
import { edit, editedFile } from "../../configuration/editor.ts";
import { addConfigOptions, type ConfigOptions, openConfig } from "../../configuration/open.ts";
import { requireNode, versionJson } from "../../configuration/show.ts";
import { assertParses } from "../../configuration/text-codec.ts";
import { doingConnected, serverCommand } from "../../shared/command.ts";
import { safeLine } from "../../shared/safe-text.ts";

export function editConfig(): Command {
  const command = serverCommand(
    {
      name: "edit",
      arguments: [["<path>", ""]],
      summary: "Edit a configuration in $VISUAL or $EDITOR",
      details:
        "Written only if it parses (else status 2) and nobody else wrote meanwhile (else status 4); the edited file is kept in either case, and its name told.",
      examples: [
        ["config edit /config/app", "JSON"],
        ["EDITOR=nano quorate config edit /config/app --format yaml", "YAML"],
      ],
    },
    addConfigOptions,
  );
  return doingConnected<[string], ConfigOptions>(command, async ({ client, out, signal }, [path], options) => {
    await requireNode(client, path, signal);
    await using watcher = await openConfig(client, path, options, { signal, standIn: "", isLenient: true });
    const { value: before, version: ifVersion } = watcher.version;
    const file = await editedFile(before, options.format === "text" ? "txt" : options.format);
    await edit(file.path);
    const text = await file.read();
    if (text === before) {
      await file.remove();
      return out.result(versionJson(path, watcher.version), () => out.line("unchanged"));
    }
    try {
      await assertParses(text, options.format);
      const written = await watcher.set(text, { ifVersion, signal });
      await file.remove();
      out.result(versionJson(path, written), () => out.line(`${safeLine(path)} now has version ${written.version}`));
    } catch (error) {
      out.warn(`not written; what you edited is in ${file.path}`);
      throw error;
    }
  });
}
