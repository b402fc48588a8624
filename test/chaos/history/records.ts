/** The four recipes under test, by the names of their directories in ZooKeeper. */
export const recipes = ["mutex", "read-write", "semaphore", "latch"] as const;
export type RecipeName = (typeof recipes)[number];

/** How a contender asked: waiting for ever, not at all, for a time, or until its signal aborted. */
export type Asked = "wait" | "try" | "timeout" | "abort";

/**
 * One line of a contender's own log. `at` is the machine's monotonic clock in microseconds, which all its processes share; zxids and tokens
 * are the servers', in decimal.
 */
export type LogRecord = { readonly at: number } & (
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "session"; readonly of: "contender" | "witness"; readonly id: string }
  | { readonly kind: "session-ended"; readonly of: "contender" | "witness"; readonly id: string; readonly why: string }
  | { readonly kind: "wait"; readonly wait: number; readonly recipe: RecipeName; readonly asked: Asked }
  /** `outcome`: `held`, `not-held` for a lock that was taken, or the code of the error. */
  | { readonly kind: "waited"; readonly wait: number; readonly outcome: string }
  /** `hold` is the number of the wait it came from. */
  | {
      readonly kind: "begin";
      readonly hold: number;
      readonly recipe: RecipeName;
      readonly isShared: boolean;
      readonly permits: number;
      readonly token: string;
      readonly isAlive: boolean;
      /** Whether it means to hold for long. */
      readonly isLong: boolean;
    }
  /** The lease was good at this time, and when the servers applied this unguarded write. */
  | { readonly kind: "alive"; readonly hold: number; readonly zxid: string }
  | { readonly kind: "writing"; readonly hold: number; readonly write: number }
  | {
      readonly kind: "written";
      readonly hold: number;
      readonly write: number;
      readonly zxid: string;
      readonly version: number;
    }
  /**
   * `isRefused`: by the error it was not applied; otherwise nobody can tell. `code`: of the error, or `fenced` if the lease was good when it
   * was sent and the servers had to refuse it.
   */
  | {
      readonly kind: "not-written";
      readonly hold: number;
      readonly write: number;
      readonly isRefused: boolean;
      readonly code: string;
    }
  /** The lease's signal aborted. */
  | { readonly kind: "lost"; readonly hold: number; readonly reason: string }
  | { readonly kind: "release"; readonly hold: number }
  | { readonly kind: "released"; readonly hold: number }
  /** Something a contender must never meet. */
  | { readonly kind: "failure"; readonly what: string }
  /** It was told to finish: what is asked from now on must be had. */
  | { readonly kind: "finishing" }
  | { readonly kind: "bye" }
);
