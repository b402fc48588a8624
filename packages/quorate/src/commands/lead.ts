import type { Client } from "@quorate/core";
import type { Command } from "commander";
import { doing, serverCommand } from "../shared/command.ts";
import { type ConnectionOptions, withClient } from "../shared/connection.ts";
import { parseDuration } from "../shared/duration.ts";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";
import { addHoldingOptions, asNotRun, type HoldingOptions, holdingDetails, runHolding } from "../shared/holding.ts";
import type { CommonOptions, Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";

interface Options extends HoldingOptions, ConnectionOptions, CommonOptions {
  readonly timeout?: number;
  readonly again?: true;
}

export function lead(): Command {
  const command = serverCommand(
    {
      name: "lead",
      arguments: [
        ["<path>", "the election"],
        ["<command...>", "after --"],
      ],
      summary: "Run a command while being the leader",
      details: `Waits until this candidate leads, then runs the command. When the command ends, leadership is given up. ${holdingDetails}`,
      examples: [
        ["lead /leaders/scheduler -- node scheduler.js", "on every machine: runs on one of them"],
        ["lead /leaders/scheduler --again -- node scheduler.js", "stands for election again when it was lost"],
        ["leader /leaders/scheduler", "who it is"],
      ],
    },
    (own) =>
      addHoldingOptions(own)
        .option("-t, --timeout <duration>", "how long to wait for leadership (default: for ever)", parseDuration)
        .option("--again", "when leadership is lost, stand for election again and run the command anew"),
  );
  return doing<[string, string[]], Options>(command, async (run, [path, line], options) => {
    try {
      return await withClient(run, options, async (client) => {
        for (;;) {
          try {
            return await oneTerm(run, client, path, line, options);
          } catch (error) {
            const isLost = error instanceof CommandError && error.status === ExitStatus.leaseLost;
            if (options.again !== true || !isLost || run.signal.aborted) throw error;
            run.out.note(`${error.message}; standing for election again`);
          }
        }
      });
    } catch (error) {
      throw asNotRun(error);
    }
  });
}

async function oneTerm(
  run: Run,
  client: Client,
  path: string,
  line: readonly string[],
  options: Options,
): Promise<number> {
  const { LeaderLatch } = await import("@quorate/leader");
  const latch = new LeaderLatch(client, path, options.id === undefined ? {} : { id: options.id });
  // The wait is bounded and interrupted; the term is not: it lasts until the command has ended.
  const waiting = new AbortController();
  const onInterrupt = (): void => waiting.abort(run.signal.reason);
  run.signal.addEventListener("abort", onInterrupt, { once: true });
  if (run.signal.aborted) onInterrupt();
  let isLate = false;
  const onLate = (): void => {
    isLate = true;
    waiting.abort(new Error("timed out"));
  };
  const timer = options.timeout === undefined ? undefined : setTimeout(onLate, options.timeout);
  const terms = latch.terms({ signal: waiting.signal });
  try {
    const { value: term } = await run.out.progress(`waiting to lead ${safeLine(path)}`, terms.next());
    clearTimeout(timer);
    run.signal.removeEventListener("abort", onInterrupt);
    if (term === undefined) {
      const message = isLate
        ? `not the leader of ${safeLine(path)} within the time given`
        : `gave up waiting for ${safeLine(path)}`;
      throw new CommandError(message, isLate ? ExitStatus.notObtained : ExitStatus.notRun);
    }
    run.out.note(`leading ${safeLine(path)}, fencing token ${term.fencingToken}`);
    return await runHolding(run, term, path, line, options.killAfter);
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener("abort", onInterrupt);
    await terms.return?.();
  }
}
