import { type ConnectResponse, ProtocolError } from "@quorate/protocol";
import type { DriverOptions } from "../driver/driver.ts";
import type { Admission, SessionConnection } from "./connection.ts";
import type { CredentialList } from "./credential-list.ts";
import { saslConversation } from "./sasl/conversation.ts";
import type { Ticket } from "./ticket.ts";

export interface HandshakeInput {
  readonly connection: SessionConnection;
  readonly ticket: Ticket;
  readonly credentials: CredentialList;
  readonly options: DriverOptions;
}

/**
 * Opens or resumes the session over a new connection, and authenticates it.
 *
 * @returns whether the server is read-only
 * @throws AuthFailedError when the SASL conversation fails on this side; the connection's failure
 */
export async function handshake({ connection, ticket, credentials, options }: HandshakeInput): Promise<boolean> {
  const resuming = ticket.resumable;
  const request = {
    protocolVersion: 0,
    lastZxidSeen: ticket.lastZxid,
    timeOut: options.sessionTimeoutMs,
    sessionId: resuming ? ticket.sessionId : 0n,
    passwd: resuming ? ticket.password : new Uint8Array(16),
    readOnly: options.readOnly,
  };
  const { readOnly } = await connection.openSession(request, (response) => admit(response, ticket, options.readOnly));
  await credentials.presentAll(connection);
  if (options.sasl !== undefined) {
    await saslConversation(options.sasl, options.random, (token) => connection.request({ op: "sasl", token }));
  }
  return readOnly;
}

/**
 * Whether this server serves the session; if so, notes what is needed to resume it.
 *
 * @throws ProtocolError when it cannot: another server may do better
 */
function admit(response: ConnectResponse, ticket: Ticket, mayBeReadOnly: boolean): Admission {
  const resuming = ticket.resumable;
  if (response.timeOut <= 0 || response.sessionId === 0n) {
    if (resuming) return "expired";
    throw new ProtocolError("the server did not open a session");
  }
  if (resuming && response.sessionId !== ticket.sessionId) {
    throw new ProtocolError("the server resumed another session than the one asked for");
  }
  if (response.readOnly && !mayBeReadOnly) {
    throw new ProtocolError("the server is cut off from the quorum and serves reads only");
  }
  ticket.sessionId = response.sessionId;
  ticket.password = response.passwd ?? new Uint8Array(0);
  ticket.negotiatedTimeoutMs = response.timeOut;
  ticket.resumable ||= !response.readOnly;
  return "admitted";
}
