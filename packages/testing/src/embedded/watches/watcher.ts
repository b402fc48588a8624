import type { Acl, WatchEventType } from "@quorate/protocol";

/** A connection, as the watches see it. */
export interface Watcher {
  readonly sessionId: bigint;
  /** @param acl of the znode: who may not read it is told nothing; without one, everybody is told */
  notify(type: WatchEventType, path: string, acl?: readonly Acl[]): void;
}

export type WatchMode = "one-shot" | "persistent" | "recursive";
