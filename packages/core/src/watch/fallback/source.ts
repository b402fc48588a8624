import type { WatchEventType } from "@quorate/protocol";
import type { WatchEvent } from "../../driver/driver.ts";
import type { SessionLink } from "../../session/session-link.ts";
import type { OneShot, OneShotKind } from "../one-shot.ts";

/** Tells of the changes of one path in one session by one-shot watches, where the server has no others. */
export interface Source {
  /** Silent from here on; its watches are taken from the server. */
  close(): void;
}

/** Where a source tells what it finds. */
export interface SourceEvents {
  change(type: WatchEventType, path: string, zxid: bigint): void;
  /** The state to compare with has been read, and everything is watched. Once. */
  ready(): void;
  /** The server refuses. Final. */
  failed(error: Error): void;
}

/** What a source stands on. */
export interface SourceContext {
  readonly link: SessionLink;
  once<Kind extends OneShotKind>(
    link: SessionLink,
    read: { readonly kind: Kind; readonly path: string },
    listener: (event: WatchEvent) => void,
  ): OneShot<Kind>;
}
