import { ProtocolError, type QuorateError } from "@quorate/protocol";
import type { DriverOptions } from "../driver/driver.ts";
import { AuthFailedError, ServerError } from "../errors/server-errors.ts";
import type { Connection } from "./connection.ts";
import type { CredentialList } from "./credential-list.ts";
import { saslConversation } from "./sasl/conversation.ts";
import type { Ticket } from "./ticket.ts";

export type HandshakeOutcome =
  | { readonly kind: "established"; readonly readOnly: boolean }
  | { readonly kind: "expired" }
  | { readonly kind: "auth-failed"; readonly cause: QuorateError };

export interface HandshakeInput {
  readonly connection: Connection;
  readonly ticket: Ticket;
  readonly credentials: CredentialList;
  readonly options: DriverOptions;
}

/**
 * Opens or resumes the session over a new connection, and authenticates it.
 *
 * @returns rejects when this server cannot serve the session, or the connection breaks: another server may do better
 */
export async function handshake(input: HandshakeInput): Promise<HandshakeOutcome> {
  const { connection, ticket, options } = input;
  const resuming = ticket.global;
  const response = await connection.openSession({
    protocolVersion: 0,
    lastZxidSeen: ticket.lastZxid,
    timeOut: options.sessionTimeoutMs,
    sessionId: resuming ? ticket.sessionId : 0n,
    passwd: resuming ? ticket.password : new Uint8Array(16),
    readOnly: options.readOnly,
  });
  if (response.timeOut <= 0 || response.sessionId === 0n) {
    if (resuming) return { kind: "expired" };
    throw new ProtocolError("the server did not open a session");
  }
  if (resuming && response.sessionId !== ticket.sessionId) {
    throw new ProtocolError("the server resumed another session than the one asked for");
  }
  if (response.readOnly && !options.readOnly) {
    throw new ProtocolError("the server is cut off from the quorum and serves reads only");
  }
  ticket.sessionId = response.sessionId;
  ticket.password = response.passwd ?? new Uint8Array(0);
  ticket.negotiatedTimeoutMs = response.timeOut;
  ticket.global ||= !response.readOnly;
  return await authenticate(input, response.readOnly);
}

async function authenticate(
  { connection, credentials, options }: HandshakeInput,
  readOnly: boolean,
): Promise<HandshakeOutcome> {
  try {
    await credentials.presentAll(connection);
    if (options.sasl !== undefined) {
      await saslConversation(options.sasl, options.random, (token) => connection.request({ op: "sasl", token }));
    }
    return { kind: "established", readOnly };
  } catch (error) {
    if (error instanceof AuthFailedError || isSaslRequired(error)) return { kind: "auth-failed", cause: error };
    throw error;
  }
}

function isSaslRequired(error: unknown): error is ServerError {
  return error instanceof ServerError && error.code === "SESSION_CLOSED_REQUIRE_SASL_AUTH";
}
