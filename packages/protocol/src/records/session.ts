import { buffer, int, long, type RecordCodec, record, string, trailingBoolean } from "../jute/codec.ts";

export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: bigint;
  readonly timeOut: number;
  /** 0 asks for a new session. */
  readonly sessionId: bigint;
  readonly passwd: Uint8Array | null;
  /** Whether a server cut off from the quorum may serve this session for reading. */
  readonly readOnly: boolean;
}

export const ConnectRequest: RecordCodec<ConnectRequest> = record("ConnectRequest", {
  protocolVersion: int,
  lastZxidSeen: long,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: trailingBoolean,
});

export interface ConnectResponse {
  readonly protocolVersion: number;
  /** Negotiated session timeout in milliseconds; 0 or less says that the session has expired. */
  readonly timeOut: number;
  readonly sessionId: bigint;
  readonly passwd: Uint8Array | null;
  readonly readOnly: boolean;
}

export const ConnectResponse: RecordCodec<ConnectResponse> = record("ConnectResponse", {
  protocolVersion: int,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: trailingBoolean,
});

export interface RequestHeader {
  readonly xid: number;
  readonly type: number;
}

export const RequestHeader: RecordCodec<RequestHeader> = record("RequestHeader", { xid: int, type: int });

export interface ReplyHeader {
  readonly xid: number;
  readonly zxid: bigint;
  readonly err: number;
}

export const ReplyHeader: RecordCodec<ReplyHeader> = record(
  "ReplyHeader",
  { xid: int, zxid: long, err: int },
  (reader) => ({ xid: reader.int(), zxid: reader.long(), err: reader.int() }),
);

export interface AuthPacket {
  /** Always 0. */
  readonly type: number;
  readonly scheme: string;
  readonly auth: Uint8Array | null;
}

export const AuthPacket: RecordCodec<AuthPacket> = record("AuthPacket", { type: int, scheme: string, auth: buffer });

/** A step of a SASL conversation, in both directions. */
export interface SaslToken {
  readonly token: Uint8Array | null;
}

export const GetSaslRequest: RecordCodec<SaslToken> = record("GetSASLRequest", { token: buffer });
export const SetSaslResponse: RecordCodec<SaslToken> = record("SetSASLResponse", { token: buffer });

export interface WatcherEvent {
  /** See {@link watchEventTypes}. */
  readonly type: number;
  readonly state: number;
  readonly path: string;
}

export const WatcherEvent: RecordCodec<WatcherEvent> = record("WatcherEvent", { type: int, state: int, path: string });
