export { LeaderLatch, type LeaderLatchOptions } from "./latch/leader-latch.ts";
export type { Term } from "./latch/term.ts";
export type { Leader, Participant } from "./participants/participant.ts";
