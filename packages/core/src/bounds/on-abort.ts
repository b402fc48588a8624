interface Followers {
  readonly listeners: Set<() => void>;
  /** The one listener on the signal itself. */
  readonly tell: () => void;
}

const followers = new WeakMap<AbortSignal, Followers>();

/**
 * Calls `listener` when the signal aborts, once; never if it has aborted already. All who follow a signal share one listener on it: a
 * session's signal, or one given to many calls, has dozens of followers, and Node.js 20 warns of a leak from the eleventh on.
 *
 * @returns stops following
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined || signal.aborted) return () => {};
  const { listeners, tell } = followersOf(signal);
  const own = (): void => listener();
  listeners.add(own);
  return () => {
    if (!listeners.delete(own) || listeners.size > 0 || signal.aborted) return;
    followers.delete(signal);
    signal.removeEventListener("abort", tell);
  };
}

function followersOf(signal: AbortSignal): Followers {
  const known = followers.get(signal);
  if (known !== undefined) return known;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    // One that is taken off by an earlier one is not called, as with listeners of the signal's own.
    for (const listener of listeners) listener();
  };
  const added = { listeners, tell };
  followers.set(signal, added);
  signal.addEventListener("abort", tell, { once: true });
  return added;
}
