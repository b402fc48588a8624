import type { WireOp } from "./reply-drop.ts";

/** What a proxy has seen since it was made. Take two snapshots and subtract to measure a stretch. */
export interface ProxyStats {
  /** Connections accepted, refused ones left out. */
  readonly connections: number;
  readonly liveConnections: number;
  /** Requests after the handshake, pings left out. Of connections that do not speak ZooKeeper's protocol in the clear (TLS, four-letter words): none. */
  readonly requests: number;
  readonly requestsByOp: Readonly<Partial<Record<WireOp | "unknown", number>>>;
  /**
   * How often a request set out after an answer or a watch event had come since the one before: requests that travel together make one.
   * Pings are left out.
   */
  readonly roundTrips: number;
  /** Notifications of watches that fired. */
  readonly watchEvents: number;
  /** Reads from the clients' sockets: an upper bound of how often they wrote. Handshakes and pings included. */
  readonly requestChunks: number;
  readonly replyChunks: number;
  readonly requestBytes: number;
  readonly replyBytes: number;
}

/** The counters behind {@link ProxyStats}. */
export class ProxyCounters {
  connections = 0;
  requests = 0;
  roundTrips = 0;
  watchEvents = 0;
  requestChunks = 0;
  replyChunks = 0;
  requestBytes = 0;
  replyBytes = 0;
  readonly #byOp = new Map<WireOp | "unknown", number>();

  countRequest(op: WireOp | undefined): void {
    const key = op ?? "unknown";
    this.#byOp.set(key, (this.#byOp.get(key) ?? 0) + 1);
    if (op !== "ping") this.requests++;
  }

  snapshot(liveConnections: number): ProxyStats {
    const { connections, requests, roundTrips, watchEvents, requestChunks, replyChunks, requestBytes, replyBytes } =
      this;
    const requestsByOp = Object.fromEntries(this.#byOp);
    return {
      connections,
      liveConnections,
      requests,
      requestsByOp,
      roundTrips,
      watchEvents,
      requestChunks,
      replyChunks,
      requestBytes,
      replyBytes,
    };
  }
}
