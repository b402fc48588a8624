/**
 * How much earlier than the server a session is given up here by default, milliseconds: a quarter of its timeout.
 *
 * A server counts a session's timeout from the last request it saw, which is never before that request was sent. But a follower tells the
 * leader, who does the counting, of its clients only when the leader pings it, every half tick (org.apache.zookeeper.server.quorum.Leader);
 * if it dies in between, the leader may count from half a tick earlier. A session timeout is at least two ticks, so half a tick is at most a
 * quarter of it.
 */
export function defaultMarginMs(negotiatedTimeoutMs: number): number {
  return negotiatedTimeoutMs / 4;
}

/**
 * The moment, by `performance.now()`, from which on the session may be over at the server.
 *
 * @param acknowledgedAt when the last acknowledged request was *sent*; the moment of its answer, or of noticing a disconnection, would be
 *   too late
 */
export function sessionDeadline(acknowledgedAt: number, negotiatedTimeoutMs: number, marginMs: number): number {
  return acknowledgedAt + Math.max(0, negotiatedTimeoutMs - marginMs);
}
