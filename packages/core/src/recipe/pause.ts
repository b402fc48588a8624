import { clampDelay } from "../bounds/bounded.ts";
import { onAbort } from "../bounds/on-abort.ts";

/** Resolves after this time, 24 days at most, or as soon as the signal aborts. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      unfollow();
      resolve();
    };
    const timer = setTimeout(finish, clampDelay(delayMs));
    const unfollow = onAbort(signal, finish);
    if (signal?.aborted === true) finish();
  });
}
