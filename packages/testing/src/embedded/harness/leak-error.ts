import { QuorateError } from "@quorate/protocol";
import { describeLeaks, type Leaks } from "../leaks.ts";

/** A test has left sessions, watches or ephemeral znodes behind. */
export class LeakError extends QuorateError {
  readonly code = "LEAK";
  readonly leaks: Leaks;

  constructor(leaks: Leaks) {
    super(`left behind on the server:\n${describeLeaks(leaks)}`);
    this.leaks = leaks;
  }
}
