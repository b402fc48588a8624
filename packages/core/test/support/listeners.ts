/** Counts who listens for the abort of a signal from now on. */
export function listenersOf(signal: AbortSignal): { readonly count: number } {
  const listening = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (type: string, listener: unknown, options?: unknown): void => {
    listening.add(listener);
    addEventListener.call(signal, type, listener as never, options as never);
  };
  signal.removeEventListener = (type: string, listener: unknown, options?: unknown): void => {
    listening.delete(listener);
    removeEventListener.call(signal, type, listener as never, options as never);
  };
  return {
    get count() {
      return signal.aborted ? 0 : listening.size;
    },
  };
}
