import { buffer, int, long, type RecordCodec, record, string, trailingBoolean } from "../jute/codec.ts";

/** The first frame of a connection: opens a session, or resumes one. It has no header. */
export interface ConnectRequest {
  readonly protocolVersion: number;
  /** The server refuses a client that has seen more than it has. */
  readonly lastZxidSeen: bigint;
  /** Session timeout asked for, in milliseconds. */
  readonly timeOut: number;
  /** The session to resume; 0 asks for a new one. */
  readonly sessionId: bigint;
  readonly passwd: Uint8Array | null;
  /** Whether a server cut off from the quorum may serve this session for reading. */
  readonly readOnly: boolean;
}

/** Codec of {@link ConnectRequest}. */
export const ConnectRequest: RecordCodec<ConnectRequest> = record("ConnectRequest", {
  protocolVersion: int,
  lastZxidSeen: long,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: trailingBoolean,
});

/** The first frame that a server sends. It has no header. */
export interface ConnectResponse {
  readonly protocolVersion: number;
  /** Negotiated session timeout in milliseconds; 0 or less says that the session has expired. */
  readonly timeOut: number;
  readonly sessionId: bigint;
  readonly passwd: Uint8Array | null;
  readonly readOnly: boolean;
}

/** Codec of {@link ConnectResponse}. */
export const ConnectResponse: RecordCodec<ConnectResponse> = record("ConnectResponse", {
  protocolVersion: int,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: trailingBoolean,
});

/** Stands before every request. */
export interface RequestHeader {
  /** Comes back in the reply. See {@link Xid}. */
  readonly xid: number;
  /** See {@link OpCode}. */
  readonly type: number;
}

/** Codec of {@link RequestHeader}. */
export const RequestHeader: RecordCodec<RequestHeader> = record("RequestHeader", { xid: int, type: int });

/** Stands before every reply and watch event. */
export interface ReplyHeader {
  readonly xid: number;
  /** The last transaction the server has applied. Not so for auth and SASL (0), watch events and unknown operations (-1). */
  readonly zxid: bigint;
  /** A code of {@link ErrorCode}; 0 for success. No body follows any other. */
  readonly err: number;
}

/** Codec of {@link ReplyHeader}. */
export const ReplyHeader: RecordCodec<ReplyHeader> = record(
  "ReplyHeader",
  { xid: int, zxid: long, err: int },
  (reader) => ({ xid: reader.int(), zxid: reader.long(), err: reader.int() }),
);

/** A credential, sent with {@link Xid}.auth; the answer is a header alone. */
export interface AuthPacket {
  /** Always 0. */
  readonly type: number;
  readonly scheme: string;
  readonly auth: Uint8Array | null;
}

/** Codec of {@link AuthPacket}. */
export const AuthPacket: RecordCodec<AuthPacket> = record("AuthPacket", { type: int, scheme: string, auth: buffer });

/** A step of a SASL conversation, in both directions. */
export interface SaslToken {
  readonly token: Uint8Array | null;
}

/** The client's step of a SASL conversation. */
export const GetSaslRequest: RecordCodec<SaslToken> = record("GetSASLRequest", { token: buffer });
/** The server's step of a SASL conversation. */
export const SetSaslResponse: RecordCodec<SaslToken> = record("SetSASLResponse", { token: buffer });

/** What a watch saw, sent with {@link Xid}.notification. */
export interface WatcherEvent {
  /** See {@link watchEventTypes}. */
  readonly type: number;
  /** State of the connection; a server sends 3, connected. */
  readonly state: number;
  readonly path: string;
}

/** Codec of {@link WatcherEvent}. */
export const WatcherEvent: RecordCodec<WatcherEvent> = record("WatcherEvent", { type: int, state: int, path: string });
