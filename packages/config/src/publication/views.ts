import type { ZnodeCache } from "./znode-cache.ts";

/** Lets everything that has arrived be taken note of. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when none of the caches has anything pending: what they hold together is then of one moment. */
export async function allSettled(caches: readonly ZnodeCache[]): Promise<void> {
  do {
    for (const cache of caches) await cache.settled();
  } while (caches.some((cache) => cache.pending));
}
