import type { Lease } from "@quorate/core";
import type { Command } from "commander";
import { runChild } from "./child.ts";
import { parseDuration } from "./duration.ts";
import { CommandError, codeOf, ExitStatus } from "./exit-status.ts";
import { messageOf } from "./output.ts";
import type { Run } from "./run.ts";
import { safeLine } from "./safe-text.ts";

/** What the commands take that run a command while holding something. */
export interface HoldingOptions {
  readonly killAfter: number;
  readonly id?: string;
}

export const holdingDetails: string =
  "The command finds QUORATE_PATH and QUORATE_FENCING_TOKEN in its environment. If what is held is lost, it gets SIGTERM, and SIGKILL after --kill-after. Its exit status is passed on; 123: lost while it ran, 124: not obtained in time, 125: anything else that kept it from running, 126 and 127: it cannot be run or found.";

/** A quarter of the default session timeout is left between the loss as known here and the next holder. */
const defaultKillAfterMs = 2000;

export function addHoldingOptions(command: Command): Command {
  return command
    .option("--kill-after <duration>", "from SIGTERM to SIGKILL once it is lost", parseDuration, defaultKillAfterMs)
    .option("--id <text>", "who this is, for others to see");
}

/**
 * Runs the command under a lease.
 *
 * @throws CommandError when the lease was lost before the command had ended
 */
export async function runHolding(
  { out, interrupt }: Run,
  lease: Lease,
  path: string,
  line: readonly string[],
  killAfterMs: number,
): Promise<number> {
  const env = { QUORATE_PATH: path, QUORATE_FENCING_TOKEN: lease.fencingToken.toString() };
  const onLost = (): void => out.warn(`${messageOf(lease.signal.reason)}; stopping the command`);
  lease.signal.addEventListener("abort", onLost, { once: true });
  try {
    const status = await runChild(line, { env, right: lease.signal, killAfterMs, interrupt });
    if (lease.signal.aborted)
      throw new CommandError(`${safeLine(path)} was lost while the command ran`, ExitStatus.leaseLost);
    return status;
  } finally {
    lease.signal.removeEventListener("abort", onLost);
  }
}

/** What kept the command from running, with a status that tells it from the command's own. */
export function asNotRun(error: unknown): unknown {
  if (error instanceof CommandError) return error;
  const status = codeOf(error) === "TIMEOUT" ? ExitStatus.notObtained : ExitStatus.notRun;
  return new CommandError(messageOf(error), status, { cause: error });
}
