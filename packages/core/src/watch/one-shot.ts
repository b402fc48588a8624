import type { GetChildren2Reply, GetDataReply, Stat, StatReply, WatchEventType } from "@quorate/protocol";
import { NoNodeError } from "../errors/server-errors.ts";
import type { SessionLink } from "../session/session-link.ts";

/** The read that leaves the watch. */
export type OneShotKind = "data" | "exists" | "children";

export interface OneShotReplies {
  readonly data: GetDataReply;
  /** Undefined if there is no such znode; the watch then waits for it. */
  readonly exists: StatReply | undefined;
  readonly children: GetChildren2Reply;
}

/** A read that tells once of the next change. */
export interface OneShot<Kind extends OneShotKind = OneShotKind> {
  /**
   * The read's answer. Rejects as the request does (NoNodeError for `data` and `children` of a missing znode): then no watch was left and
   * the listener is never called.
   */
  readonly reply: Promise<OneShotReplies[Kind]>;
  /** The listener is not called any more; the server's watch goes when nobody else waits for it. Idempotent. */
  cancel(): void;
}

const eventsOf: Readonly<Record<OneShotKind, ReadonlySet<WatchEventType>>> = {
  data: new Set<WatchEventType>(["created", "deleted", "dataChanged"]),
  exists: new Set<WatchEventType>(["created", "deleted", "dataChanged"]),
  children: new Set<WatchEventType>(["deleted", "childrenChanged"]),
};

/** Whether such an event uses up a watch left by this read. */
export function firesOn(kind: OneShotKind, type: WatchEventType): boolean {
  return eventsOf[kind].has(type);
}

/** @returns rejects with NoNodeError where that means that no watch was left */
export function readWatched<Kind extends OneShotKind>(
  link: SessionLink,
  kind: Kind,
  path: string,
  watch: boolean,
): Promise<OneShotReplies[Kind]>;
export function readWatched(
  link: SessionLink,
  kind: OneShotKind,
  path: string,
  watch: boolean,
): Promise<OneShotReplies[OneShotKind]> {
  switch (kind) {
    case "data":
      return link.request({ op: "getData", path, watch });
    case "children":
      return link.request({ op: "getChildren2", path, watch });
    case "exists":
      return link.request({ op: "exists", path, watch }).catch((error: unknown) => {
        if (error instanceof NoNodeError) return undefined;
        throw error;
      });
  }
}

export function statOf(reply: OneShotReplies[OneShotKind]): Stat | undefined {
  return reply?.stat;
}
