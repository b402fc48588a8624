import type { WaitStrategy } from "testcontainers";

/** Waits for nothing: members of an ensemble only get ready together, and the ensemble waits for that itself. */
export const startedAtOnce: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => startedAtOnce,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};
