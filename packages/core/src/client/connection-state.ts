/**
 * What the client knows about its connection.
 *
 * - `connecting`: no session yet.
 * - `connected`: a server answers.
 * - `suspended`: no server has answered lately, but the session may live.
 * - `lost`: the session is gone, by the server's word or because the local deadline passed. The client is opening a new one.
 * - `closed`: final.
 */
export type ConnectionState = "connecting" | "connected" | "suspended" | "lost" | "closed";

/** What moves the state. */
export type ConnectionEvent = "connected" | "disconnected" | "session-ended" | "closed";

const transitions: Record<ConnectionState, Record<ConnectionEvent, ConnectionState>> = {
  connecting: { connected: "connected", disconnected: "connecting", "session-ended": "connecting", closed: "closed" },
  connected: { connected: "connected", disconnected: "suspended", "session-ended": "lost", closed: "closed" },
  suspended: { connected: "connected", disconnected: "suspended", "session-ended": "lost", closed: "closed" },
  lost: { connected: "connected", disconnected: "lost", "session-ended": "lost", closed: "closed" },
  closed: { connected: "closed", disconnected: "closed", "session-ended": "closed", closed: "closed" },
};

export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  return transitions[state][event];
}
