import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { commandGroups } from "./command-table.ts";
import { ExitStatus } from "./shared/exit-status.ts";

/** Runs the command line and gives its exit status. */
export async function run(args: readonly string[]): Promise<number> {
  process.exitCode = ExitStatus.ok;
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: "user" });
    return process.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitStatus.ok : ExitStatus.usage;
  }
}

async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command("quorate")
    .description("Coordination on Apache ZooKeeper: look at it, change it, run commands under its locks, set it up.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .addHelpText("after", afterHelp)
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .commandsGroup("Shell:")
    .exitOverride();
  const called = args.find((argument) => !argument.startsWith("-"));
  const isCompleting = called === "complete";
  for (const { title, commands } of commandGroups) {
    for (const entry of commands) {
      const isWanted = isCompleting || entry.name === called || (called === "help" && args.includes(entry.name));
      const command = isWanted ? await entry.load() : new Command(entry.name).summary(entry.summary);
      // What a shell shows beside a name has to be short.
      if (isCompleting) command.description(command.summary());
      program.addCommand(settled(command).helpGroup(title));
    }
  }
  if (isCompleting) {
    // It reads the commands and their options from the program, so all of them are loaded here.
    const { default: addCompletion } = await import("@bomb.sh/tab/commander");
    addCompletion(program);
  } else {
    const summary = "Print the script that completes this command in bash, zsh or fish";
    program.addCommand(new Command("complete").summary(summary));
  }
  return program;
}

/** Wrong use ends with one status everywhere, and help looks the same. */
function settled(command: Command): Command {
  command.exitOverride().helpOption("-h, --help", "show help").showSuggestionAfterError();
  for (const sub of command.commands) settled(sub);
  return command;
}

function packageVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}

const afterHelp = `
Servers are named by --connect or QUORATE_CONNECT (default 127.0.0.1:2181). Each command has --help with examples.

Examples:
  $ quorate demo                                        # see it work, with nothing but Node.js
  $ quorate ensemble up --nodes 3                       # three servers on this machine
  $ export QUORATE_CONNECT=zk1:2181,zk2:2181,zk3:2181
  $ quorate status                                      # is there a quorum?
  $ quorate lock /locks/backup -- ./backup.sh           # one at a time across the fleet
  $ eval "$(quorate complete bash)"                     # completion in this shell; also zsh, fish`;
