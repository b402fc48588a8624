import { Command } from "commander";
import { config } from "./ensemble/config.ts";
import { down } from "./ensemble/down.ts";
import { restart, start, stop } from "./ensemble/members.ts";
import { ensembleStatus } from "./ensemble/status.ts";
import { up } from "./ensemble/up.ts";

export function ensemble(): Command {
  const command = new Command("ensemble")
    .summary("Set up ZooKeeper servers: on this machine, or files for others")
    .description(
      "Set up ZooKeeper servers: on this machine for development, in containers or as processes, or the configuration files of production machines.",
    );
  for (const sub of [up(), ensembleStatus(), start(), stop(), restart(), down(), config()]) command.addCommand(sub);
  return command;
}
