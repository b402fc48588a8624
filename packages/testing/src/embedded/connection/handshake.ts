import { ConnectRequest, Reader, type Writer } from "@quorate/protocol";
import type { Session, SessionConnection } from "../sessions/session.ts";
import type { ConnectionHost } from "./connection-host.ts";

export type Handshake =
  | { readonly kind: "open"; readonly session: Session; reply(writer: Writer): void }
  /** The session asked for is no more, or its password another. */
  | { readonly kind: "expired"; reply(writer: Writer): void }
  /** This server cannot serve the client: it hangs up without a word. */
  | { readonly kind: "refused" };

const noPassword = new Uint8Array(16);
/** Bytes of a ConnectRequest besides its password; one more with the flag that clients from before 3.4 do not send. */
const requestBytes = 28;

/**
 * What a client's first frame leads to: a new session, an old one resumed, or nothing.
 *
 * @throws ProtocolError when the frame is none of this
 */
export function shakeHands(frame: Buffer, host: ConnectionHost, connection: SessionConnection): Handshake {
  const request = ConnectRequest.read(new Reader(frame));
  const { state, conditions, options } = host;
  const isOldClient = frame.length <= requestBytes + (request.passwd?.length ?? 0);
  if (conditions.isReadOnly && !request.readOnly) return { kind: "refused" };
  // The client knows more than this server does.
  if (request.lastZxidSeen > state.lastZxid) return { kind: "refused" };
  const reply = (session?: Session) => (writer: Writer) => {
    writer.int(0);
    writer.int(session?.timeoutMs ?? 0);
    writer.long(session?.id ?? 0n);
    writer.buffer(session?.password ?? noPassword);
    if (!isOldClient) writer.boolean(conditions.isReadOnly);
  };
  const timeoutMs = Math.min(Math.max(request.timeOut, options.minSessionTimeoutMs), options.maxSessionTimeoutMs);
  if (request.sessionId === 0n) {
    const session = state.openSession(timeoutMs, conditions.isReadOnly, connection);
    return { kind: "open", session, reply: reply(session) };
  }
  const session = state.sessions.all.get(request.sessionId);
  // A read-only server knows only sessions of its own.
  if (conditions.isReadOnly && session?.isLocal === false) return { kind: "refused" };
  // As in 3.8, whoever names a session ends its connection, even with a wrong password.
  session?.connection?.drop("moved");
  if (session === undefined || !session.password.equals(request.passwd ?? noPassword)) {
    return { kind: "expired", reply: reply() };
  }
  session.timeoutMs = timeoutMs;
  session.connection = connection;
  state.sessions.touch(session);
  return { kind: "open", session, reply: reply(session) };
}
