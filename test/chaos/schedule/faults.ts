import type { RecipeName } from "../history/records.ts";

/** What is done to the members of the ensemble. */
export const memberFaults = [
  "kill-leader",
  "kill-follower",
  "pause-leader",
  "pause-follower",
  "isolate-leader",
  "isolate-follower",
  "lose-quorum",
] as const;
export type MemberFault = (typeof memberFaults)[number];

/** What is done to one contender or its own connections; see `harness/contender-faults.ts`. */
export const contenderFaults = [
  /** SIGSTOP for longer than its session. */
  "freeze",
  /** SIGSTOP for a moment. */
  "hiccup",
  "kill",
  "cut",
  "refuse",
  "blackhole",
  "delay",
  /** The servers apply a request, and the answer never comes. */
  "drop-reply",
  /** Cut off until the servers have ended its session. */
  "expire",
  /** Cut off until it has given its session up, and let back in before the servers have. */
  "early-loss",
  /** A holder's znode is deleted by somebody else. */
  "evict",
] as const;
export type ContenderFault = (typeof contenderFaults)[number];
export type Fault = MemberFault | ContenderFault;

/** Requests whose answers get lost. */
export const droppedRequests = ["create", "delete", "multi", "read"] as const;
export type DroppedRequest = (typeof droppedRequests)[number];

interface Timed {
  /** Before it begins, milliseconds after the step before has ended. */
  readonly afterMs: number;
  /** How long it lasts, where nothing else ends it. */
  readonly forMs: number;
}

export interface MemberStep extends Timed {
  readonly fault: MemberFault;
  /** In [0, 1): which of the members in question. */
  readonly choice: number;
}

export interface ContenderStep extends Timed {
  readonly fault: ContenderFault;
  /** Whoever holds this at the moment, or else by `choice`, in [0, 1). Undefined: by `choice` alone. */
  readonly holderOf: RecipeName | undefined;
  readonly choice: number;
  readonly delayMs: number;
  readonly request: DroppedRequest;
}
