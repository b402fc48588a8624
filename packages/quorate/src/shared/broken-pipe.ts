import { ExitStatus } from "./exit-status.ts";

const controller = new AbortController();

/** Aborts when nobody reads the output any more, as in `quorate tree / | head`: what goes on for long should end then. */
export const readerGone: AbortSignal = controller.signal;

/** A reader that has seen enough is no failure to tell of. */
export function quietBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    controller.abort();
    process.exitCode = ExitStatus.brokenPipe;
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
