import type { Implementation } from "../settings.ts";

export interface BrokenOptions {
  readonly implementation: Exclude<Implementation, "quorate">;
  /** Of the lock's directory. */
  readonly path: string;
  readonly id: string;
}
