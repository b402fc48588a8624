import type { Client } from "@quorate/core";
import { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions, withClient } from "./connection.ts";
import { CommandError, ExitStatus, statusOfError } from "./exit-status.ts";
import { Interrupt } from "./interrupt.ts";
import { Output } from "./output.ts";
import type { CommonOptions, Ended, Run } from "./run.ts";

export interface CommandText {
  readonly name: string;
  /** As commander writes arguments: `<path>`, `[path]`. */
  readonly arguments?: readonly (readonly [syntax: string, description: string])[];
  readonly summary: string;
  /** What there is to know beyond the summary. */
  readonly details?: string;
  /** Without the leading `quorate`. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

/** A command that needs no server. */
export function plainCommand(text: CommandText): Command {
  const command = new Command(text.name).summary(text.summary);
  command.description(text.details === undefined ? `${text.summary}.` : `${text.summary}.\n\n${text.details}`);
  for (const [syntax, description] of text.arguments ?? []) command.argument(syntax, description);
  const width = Math.max(0, ...text.examples.map(([line]) => line.length));
  const examples = text.examples.map(([line, meaning]) => `  $ quorate ${line.padEnd(width)}  # ${meaning}`);
  if (examples.length > 0) command.addHelpText("after", `\nExamples:\n${examples.join("\n")}`);
  return command
    .option("--json", "print JSON: one document, or one a line for what goes on")
    .option("-q, --quiet", "no progress and no notes on stderr");
}

/** A command that talks to servers; `configure` adds its own options, which stand before those of the connection. */
export function serverCommand(text: CommandText, configure: (command: Command) => Command = (same) => same): Command {
  return addConnectionOptions(configure(plainCommand(text)));
}

/** Gives a command what it does. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- commander gives both untyped: each command tells what it declared
export function doing<Args extends readonly unknown[], Options extends object = CommonOptions>(
  command: Command,
  body: (run: Run, args: Args, options: Options & CommonOptions) => Ended,
): Command {
  return command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const args = command.processedArgs as unknown as Args;
    process.exitCode = await execute(options, async (run) => {
      // Before anything is connected.
      await checkPaths(command);
      return body(run, args, options);
    });
  });
}

/** Gives a command what it does with a client, connected for it and closed after it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- commander gives both untyped: each command tells what it declared
export function doingConnected<Args extends readonly unknown[], Options extends object = CommonOptions>(
  command: Command,
  body: (run: Run & { readonly client: Client }, args: Args, options: Options & ConnectionOptions) => Ended,
): Command {
  return doing<Args, Options & ConnectionOptions>(command, (run, args, options) =>
    withClient(run, options, (client) => body({ ...run, client }, args, options)),
  );
}

/** @throws InvalidArgumentError */
async function checkPaths({ registeredArguments, processedArgs }: Command): Promise<void> {
  for (const [index, argument] of registeredArguments.entries()) {
    const value: unknown = processedArgs[index];
    if (argument.name() !== "path" || typeof value !== "string") continue;
    const { validatePath } = await import("@quorate/core/recipe");
    validatePath(value, argument.name());
  }
}

async function execute(options: CommonOptions, body: (run: Run) => Ended): Promise<number> {
  const out = new Output(options);
  const interrupt = new Interrupt();
  try {
    const status = await body({ out, signal: interrupt.signal, interrupt });
    return status ?? interrupt.status ?? ExitStatus.ok;
  } catch (error) {
    if (interrupt.status !== undefined) return interrupt.status;
    out.failure(error);
    return error instanceof CommandError ? error.status : statusOfError(error);
  } finally {
    interrupt.close();
  }
}
