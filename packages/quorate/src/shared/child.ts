import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { CommandError, ExitStatus, statusOfSignal } from "./exit-status.ts";
import type { Interrupt } from "./interrupt.ts";

export interface ChildOptions {
  readonly env: Readonly<Record<string, string>>;
  /** The right to run: its abort stops the child. */
  readonly right: AbortSignal;
  /** From SIGTERM to SIGKILL, milliseconds. */
  readonly killAfterMs: number;
  /** Ctrl-C and its like are passed on to the child. */
  readonly interrupt: Interrupt;
}

/**
 * Runs a command with this process's own input and output, and resolves with its exit status once it has ended: never before, whatever
 * happens, so that what it held the right for is not given to others while it runs.
 *
 * @throws CommandError when it cannot be run
 */
export async function runChild(line: readonly string[], options: ChildOptions): Promise<number> {
  const [program = "", ...args] = line;
  // On a terminal the child has to stay in its foreground group. Elsewhere it gets a group of its own, so that what it starts ends with it.
  const hasOwnGroup = !isatty(0);
  const child = spawn(program, args, {
    stdio: "inherit",
    env: { ...process.env, ...options.env },
    detached: hasOwnGroup,
  });
  const ended = endOf(child, program);
  const send = (signal: NodeJS.Signals): void => signalTo(child, hasOwnGroup, signal);
  let timer: NodeJS.Timeout | undefined;
  const onLost = (): void => {
    send("SIGTERM");
    timer ??= setTimeout(() => send("SIGKILL"), options.killAfterMs);
  };
  const onInterrupt = (): void => {
    const { received = "SIGTERM" } = options.interrupt;
    // The terminal sends Ctrl-C to everyone in its foreground group.
    if (hasOwnGroup || received !== "SIGINT") send(received);
  };
  const subscriptions = [
    [options.right, onLost],
    [options.interrupt.signal, onInterrupt],
  ] as const;
  for (const [signal, listener] of subscriptions) {
    signal.addEventListener("abort", listener, { once: true });
    if (signal.aborted) listener();
  }
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
    for (const [signal, listener] of subscriptions) signal.removeEventListener("abort", listener);
  }
}

function signalTo(child: ChildProcess, hasOwnGroup: boolean, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(hasOwnGroup ? -child.pid : child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function endOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const status = error.code === "ENOENT" ? ExitStatus.notFound : ExitStatus.notExecutable;
      reject(new CommandError(`cannot run ${program}: ${error.code ?? error.message}`, status, { cause: error }));
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? ExitStatus.failed) : statusOfSignal(constants.signals[signal]));
    });
  });
}
