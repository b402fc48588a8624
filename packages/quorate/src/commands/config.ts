import { Command } from "commander";
import { editConfig } from "./config/edit.ts";
import { getConfig } from "./config/get.ts";
import { configHistory } from "./config/history.ts";
import { rollbackConfig } from "./config/rollback.ts";
import { setConfig } from "./config/set.ts";
import { watchConfig } from "./config/watch.ts";

export function config(): Command {
  const command = new Command("config")
    .summary("Configuration: read, change, follow, take back")
    .description(
      "Configuration in one znode: what does not parse is refused before it is written, and the last versions are kept beside it, as @quorate/config keeps them. Applications follow it with ConfigWatcher.",
    );
  const subs = [getConfig(), setConfig(), editConfig(), watchConfig(), configHistory(), rollbackConfig()];
  for (const sub of subs) command.addCommand(sub);
  return command;
}
