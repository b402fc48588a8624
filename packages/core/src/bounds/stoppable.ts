import { onAbort } from "./on-abort.ts";

/**
 * An iteration made by a generator whose waits end when the signal it is given aborts: by the caller's `signal` or by `return()`. Both
 * finish the iteration even while `next()` waits, which a bare generator cannot do. What the generator throws after that is dropped.
 */
export function stoppable<T>(
  signal: AbortSignal | undefined,
  generate: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncIterableIterator<T, void, undefined> {
  const controller = new AbortController();
  const generator = generate(controller.signal);
  // From the first step on: an iteration that never begins leaves nothing behind.
  let unfollow: (() => void) | undefined;
  const follow = (): (() => void) => {
    if (signal?.aborted === true) controller.abort(signal.reason);
    return onAbort(signal, () => controller.abort(signal?.reason));
  };
  const end = async (): Promise<IteratorResult<T, void>> => {
    unfollow?.();
    controller.abort();
    await generator.return();
    return { done: true, value: undefined };
  };
  const iterator: AsyncIterableIterator<T, void, undefined> = {
    next: async () => {
      unfollow ??= follow();
      try {
        const result = controller.signal.aborted ? undefined : await generator.next();
        if (result?.done === false && !controller.signal.aborted) return result;
      } catch (error) {
        if (!controller.signal.aborted) {
          await end();
          throw error;
        }
      }
      return end();
    },
    return: end,
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
