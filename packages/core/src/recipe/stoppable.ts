import { onAbort } from "../bounds/on-abort.ts";

/**
 * An iteration made by a generator whose waits end when the signal it is given aborts: by the caller's `signal` or by `return()`. Both
 * finish the iteration even while `next()` waits, which a bare generator cannot do. What the generator throws after that is dropped.
 */
export function stoppable<T>(
  signal: AbortSignal | undefined,
  generate: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncIterableIterator<T, void, undefined> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal?.reason);
  const end = async (): Promise<IteratorResult<T, void>> => {
    unfollow();
    controller.abort();
    await generator.return();
    return { done: true, value: undefined };
  };
  if (signal?.aborted === true) stop();
  const unfollow = onAbort(signal, stop);
  const generator = generate(controller.signal);
  const iterator: AsyncIterableIterator<T, void, undefined> = {
    next: async () => {
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
