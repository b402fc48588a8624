import type { Session } from "../sessions/session.ts";
import type { DropReason } from "./drop-reason.ts";
import type { ConnectionTraffic } from "./traffic.ts";

/** A client's connection, as the server sees it. */
export interface ServedClient {
  /** `address:port` */
  readonly remote: string;
  /** Undefined before the handshake. */
  readonly session: Session | undefined;
  readonly traffic: ConnectionTraffic;
  drop(reason: DropReason): void;
  /** Nothing more is read. */
  freeze(): void;
  /** Reads and writes again. */
  thaw(): void;
}
