import { buffer, int, type RecordCodec, record, string, vector } from "../jute/codec.ts";
import { type Acl, AclList, ClientInfo, Stat } from "./data.ts";

/** The path asked for; that of a created sequential znode has its number. */
export interface PathReply {
  readonly path: string;
}

/** The metadata after the operation. */
export interface StatReply {
  readonly stat: Stat;
}

/** The path of the created znode, with its number if sequential, and its metadata. */
export interface Create2Reply {
  readonly path: string;
  readonly stat: Stat;
}

/** Data, null where the znode was given none, and metadata. */
export interface GetDataReply {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

/** The access control list, and the znode's metadata. */
export interface GetAclReply {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

/** Names of the children, not paths, in no order. */
export interface GetChildrenReply {
  readonly children: readonly string[];
}

/** Names of the children, not paths, in no order, and the parent's metadata. */
export interface GetChildren2Reply {
  readonly children: readonly string[];
  readonly stat: Stat;
}

/** Paths of this session's ephemeral znodes. */
export interface GetEphemeralsReply {
  readonly ephemerals: readonly string[];
}

/** How many znodes are below the path, at any depth. */
export interface GetAllChildrenNumberReply {
  readonly totalNumber: number;
}

/** The identities this connection is authenticated as, its address included. */
export interface WhoAmIReply {
  readonly clientInfo: readonly ClientInfo[];
}

/** A code of {@link ErrorCode}; 0 for none. */
export interface ErrorReply {
  readonly err: number;
}

const path = { path: string } as const;
const stat = { stat: Stat } as const;

/** Answers `create`. */
export const CreateReply: RecordCodec<PathReply> = record("CreateResponse", path);
/** Answers `create2`, `createContainer` and `createTtl`. */
export const Create2Reply: RecordCodec<Create2Reply> = record("Create2Response", { path: string, stat: Stat });
/** Answers `exists`. A znode that is not there is an error in the header. */
export const ExistsReply: RecordCodec<StatReply> = record("ExistsResponse", stat);
/** Answers `getData`, and `reconfig` with the new configuration. */
export const GetDataReply: RecordCodec<GetDataReply> = record("GetDataResponse", { data: buffer, stat: Stat });
/** Answers `setData`. */
export const SetDataReply: RecordCodec<StatReply> = record("SetDataResponse", stat);
/** Answers `getAcl`. */
export const GetAclReply: RecordCodec<GetAclReply> = record("GetACLResponse", { acl: AclList, stat: Stat });
/** Answers `setAcl`. */
export const SetAclReply: RecordCodec<StatReply> = record("SetACLResponse", stat);
/** Answers `getChildren`. */
export const GetChildrenReply: RecordCodec<GetChildrenReply> = record("GetChildrenResponse", {
  children: vector(string),
});
/** Answers `getChildren2`. */
export const GetChildren2Reply: RecordCodec<GetChildren2Reply> = record("GetChildren2Response", {
  children: vector(string),
  stat: Stat,
});
/** Answers `sync`. */
export const SyncReply: RecordCodec<PathReply> = record("SyncResponse", path);
/** Answers `getEphemerals`. */
export const GetEphemeralsReply: RecordCodec<GetEphemeralsReply> = record("GetEphemeralsResponse", {
  ephemerals: vector(string),
});
/** Answers `getAllChildrenNumber`. */
export const GetAllChildrenNumberReply: RecordCodec<GetAllChildrenNumberReply> = record(
  "GetAllChildrenNumberResponse",
  { totalNumber: int },
);
/** Answers `whoAmI`. */
export const WhoAmIReply: RecordCodec<WhoAmIReply> = record("WhoAmIResponse", { clientInfo: vector(ClientInfo) });
/** Answers `addWatch`, always with 0, and stands for what failed in a multi. */
export const ErrorReply: RecordCodec<ErrorReply> = record("ErrorResponse", { err: int });
