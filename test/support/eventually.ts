export interface EventuallyOptions {
  /** How long to go on asking, in milliseconds; default 45000. Generous, as it bounds a failure and not the passing test. */
  readonly boundMs?: number;
  /** Default 25 ms. */
  readonly intervalMs?: number;
}

/**
 * Asks again until `check` gives a value other than `undefined` or `false`, and returns that. A check that throws is asked again too,
 * so that it may hold assertions; at the bound the last failure is thrown.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { boundMs = 45_000, intervalMs = 25 }: EventuallyOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const deadlineMs = performance.now() + boundMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
      failure = new Error(`the condition did not hold within ${boundMs} ms: ${check.toString()}`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadlineMs) throw failure;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
