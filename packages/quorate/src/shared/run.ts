import type { Interrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";

/** What every command takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly quiet?: true;
}

/** One call of a command. */
export interface Run {
  readonly out: Output;
  /** Ctrl-C and its like. What is held has to be released then; the exit status is seen to. */
  readonly signal: AbortSignal;
  readonly interrupt: Interrupt;
}

/** Ends with this status; nothing is success. */
export type Ended = Promise<number | void>;
