import type { Id } from "@quorate/protocol";
import type { Session } from "../sessions/session.ts";
import type { Watcher } from "../watches/watcher.ts";

/** Who asks: a session over a connection. */
export interface Caller {
  readonly session: Session;
  /** What the connection is authenticated as, its address included. */
  readonly identities: readonly Id[];
  readonly watcher: Watcher;
}
