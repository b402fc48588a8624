import { wallClockMs } from "../clock.ts";

/** Packets, counted for the four-letter words. */
export class Traffic {
  received = 0;
  sent = 0;

  reset(): void {
    this.received = 0;
    this.sent = 0;
  }
}

/** The same of one connection, with its last request. */
export class ConnectionTraffic extends Traffic {
  readonly establishedAt: number = wallClockMs();
  lastOperation = "NA";
  lastXid = -1;
  lastZxid = 0n;
  lastReplyAt = 0;

  replied(operation: string, xid: number, zxid: bigint): void {
    this.lastOperation = operation;
    this.lastXid = xid;
    this.lastZxid = zxid;
    this.lastReplyAt = wallClockMs();
  }
}
