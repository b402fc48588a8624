import type { WatchEventType } from "@quorate/protocol";

/** A connection, as the watches see it. */
export interface Watcher {
  readonly sessionId: bigint;
  notify(type: WatchEventType, path: string): void;
}

export type WatchMode = "one-shot" | "persistent" | "recursive";
