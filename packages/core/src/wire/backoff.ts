import type { RandomSource } from "../random.ts";

const firstMs = 50;
const maxMs = 1000;

/**
 * How long to wait after `failedRounds` rounds through all servers: 50 ms, doubled each time up to 1 s, of which a random share of up
 * to one half is taken off so that the clients of a restarted cluster do not come back in step. Never more than a tenth of
 * the session timeout: a session must not die of waiting.
 */
export function backoffMs(failedRounds: number, sessionTimeoutMs: number, random: RandomSource): number {
  const ceiling = Math.min(firstMs * 2 ** Math.min(failedRounds - 1, 10), maxMs, sessionTimeoutMs / 10);
  return ceiling * (1 - random.float() / 2);
}
