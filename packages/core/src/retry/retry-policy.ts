import { InvalidArgumentError } from "../errors/client-errors.ts";

/** How reads are repeated over connection loss. The delay doubles from retry to retry and is jittered by up to as much again. */
export interface RetryOptions {
  /** Retries after the first attempt. Default 8. */
  readonly retries?: number;
  /** Delay before the first retry, milliseconds. Default 20. */
  readonly minDelayMs?: number;
  /** Upper bound of the delay, milliseconds. Default 1 000. */
  readonly maxDelayMs?: number;
}

export type RetryPolicy = Required<RetryOptions>;

/**
 * @throws InvalidArgumentError
 */
export function retryPolicy(options: RetryOptions | false = {}): RetryPolicy {
  if (options === false) return { retries: 0, minDelayMs: 0, maxDelayMs: 0 };
  if (typeof options !== "object" || options === null) {
    throw invalid(`option retry: ${String(options)} is neither false nor an object`);
  }
  const { retries = 8, minDelayMs = 20, maxDelayMs = 1_000 } = options;
  const policy = { retries, minDelayMs, maxDelayMs };
  for (const [name, value] of Object.entries(policy)) {
    if (!Number.isFinite(value) || value < 0) {
      throw invalid(`option retry.${name}: ${String(value)} is not a number from 0 up`);
    }
  }
  if (!Number.isInteger(retries)) throw invalid(`option retry.retries: ${retries} is not a whole number`);
  return policy;
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError(message, { op: "connect" });
}
