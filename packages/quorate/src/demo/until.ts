const pollMs = 25;

export interface UntilOptions {
  /** What is waited for, for the message. */
  readonly what: string;
  readonly boundMs: number;
  readonly signal: AbortSignal;
}

/** Asks until it holds. @throws Error at the bound; the signal's reason; what `check` throws */
export async function until(
  check: () => boolean | Promise<boolean>,
  { what, boundMs, signal }: UntilOptions,
): Promise<void> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    signal.throwIfAborted();
    if (await check()) return;
    if (performance.now() > deadline) throw new Error(`it did not happen within ${boundMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
