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
   * Whether a server of the quorum has served this session. One opened at a read-only server is known to that server alone; in its place
   * the quorum is asked for a new one. Nothing is lost with it: no ephemeral znode can be created at a read-only server.
   */
  resumable: boolean;
  /** `performance.now()` of the moment the last acknowledged request was sent. */
  acknowledgedAt: number | undefined;
}

export function blankTicket(): Ticket {
  return {
    sessionId: 0n,
    password: new Uint8Array(16),
    negotiatedTimeoutMs: 0,
    lastZxid: 0n,
    resumable: false,
    acknowledgedAt: undefined,
  };
}
