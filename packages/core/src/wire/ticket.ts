/** What the driver knows of its session: enough to resume it at any server. */
export interface Ticket {
  /** 0 before the first handshake. */
  sessionId: bigint;
  /** Secret: whoever has it can take the session over. */
  password: Uint8Array;
  /** Milliseconds; 0 before the first handshake. */
  negotiatedTimeoutMs: number;
  /** Highest zxid of a reply: a server that is behind must not serve this session. */
  lastZxid: bigint;
  /**
   * A session opened at a read-only server is known to that server only, so that it cannot be resumed at another one. It becomes
   * a real one by a handshake with a server of the quorum.
   */
  global: boolean;
  /** `performance.now()` of the moment the last acknowledged request was sent. */
  acknowledgedAt: number | undefined;
}

export function blankTicket(): Ticket {
  return {
    sessionId: 0n,
    password: new Uint8Array(16),
    negotiatedTimeoutMs: 0,
    lastZxid: 0n,
    global: false,
    acknowledgedAt: undefined,
  };
}
