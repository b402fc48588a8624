import { AbortedError, TimeoutError } from "@quorate/core";

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const pollIntervalMs = 50;

/**
 * Asks until there is a result.
 *
 * @throws TimeoutError with `describe()` once `timeoutMs` has passed; AbortedError when `signal` aborts; whatever `ask` throws
 */
export async function waitFor<T>(
  ask: () => Promise<T | undefined>,
  describe: () => string,
  { timeoutMs, signal }: WaitOptions,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    throwIfAborted(signal);
    const result = await ask();
    if (result !== undefined) return result;
    if (performance.now() >= deadlineMs) throw new TimeoutError(`${describe()} after ${timeoutMs} ms`);
    await pause(pollIntervalMs);
  }
}

/** @throws AbortedError */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError("aborted by the caller", { cause: signal.reason });
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
