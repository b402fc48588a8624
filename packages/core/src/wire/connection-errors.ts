import { type Operation, ProtocolError, type QuorateError, type Reader, ReplyHeader } from "@quorate/protocol";
import { ConnectionLossError } from "../errors/client-errors.ts";
import { errorFromServer } from "../errors/server-errors.ts";
import { pathOf } from "./replies.ts";

/** First byte of a TLS record that refuses what was sent. An answer to the handshake is too short to start with anything but 0. */
export const tlsAlert = 0x15;

export function speaksTls(): ProtocolError {
  return new ProtocolError("the server speaks TLS on this port");
}

/** Servers give no reason for hanging up on a handshake: these are the ones they have. */
export function hungUpEarly(cause: Error): Error {
  const reasons = "it may be behind this client, cut off from the quorum, crowded, or not agree on the use of TLS";
  return new Error(`${cause.message} before the handshake was answered: ${reasons}`, { cause });
}

/** An answer to ConnectRequest is longer than that. */
export const replyHeaderBytes = 16;

/**
 * In place of an answer to ConnectRequest, a read-only server without local sessions sends the header of a failed reply when a new session
 * is asked for: creating one is a write.
 */
export function sessionRefused(reader: Reader): QuorateError {
  const { err } = ReplyHeader.read(reader);
  return errorFromServer(err, { op: "createSession" });
}

/** Another connection serves the session, or this server has not heard yet that the session came here. */
export function sessionMoved(operation: Operation, cause: QuorateError): ConnectionLossError {
  return notApplied(operation, "the session moved to another server", cause);
}

export function congested(operation: Operation): ConnectionLossError {
  return notApplied(operation, "the server does not read what is sent to it");
}

function notApplied(operation: Operation, what: string, cause?: QuorateError): ConnectionLossError {
  const { op } = operation;
  return new ConnectionLossError(`${op}: ${what}`, { op, path: pathOf(operation), outcome: "not-applied", cause });
}
