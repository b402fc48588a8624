import pRetry from "p-retry";
import type { RandomSource } from "../random.ts";
import type { RetryPolicy } from "./retry-policy.ts";

export interface RetryRun {
  readonly policy: RetryPolicy;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
  readonly shouldRetry: (error: Error) => boolean;
}

/** p-retry under the SDK's own randomness and names. */
export function retrying<T>(attempt: () => Promise<T>, { policy, random, signal, shouldRetry }: RetryRun): Promise<T> {
  return pRetry(attempt, {
    retries: policy.retries,
    // p-retry's own jitter draws from Math.random; scaling the first delay jitters the whole series.
    randomize: false,
    minTimeout: Math.round(policy.minDelayMs * (1 + random.float())),
    maxTimeout: policy.maxDelayMs,
    signal,
    shouldRetry: ({ error }) => shouldRetry(error),
  });
}
