import { AbortedError, TimeoutError } from "../core.ts";

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
    if (signal?.aborted) throw new AbortedError("aborted while waiting", { cause: signal.reason });
    const result = await ask();
    if (result !== undefined) return result;
    if (performance.now() >= deadlineMs) throw new TimeoutError(`${describe()} after ${timeoutMs} ms`);
    await pause(pollIntervalMs);
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
