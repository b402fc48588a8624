import { buffer, int, type RecordCodec, record, string, vector } from "../jute/codec.ts";
import { type Acl, AclList, ClientInfo, Stat } from "./data.ts";

export interface PathReply {
  readonly path: string;
}

export interface StatReply {
  readonly stat: Stat;
}

export interface Create2Reply {
  readonly path: string;
  readonly stat: Stat;
}

export interface GetDataReply {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

export interface GetAclReply {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

export interface GetChildrenReply {
  readonly children: readonly string[];
}

export interface GetChildren2Reply {
  readonly children: readonly string[];
  readonly stat: Stat;
}

export interface GetEphemeralsReply {
  readonly ephemerals: readonly string[];
}

export interface GetAllChildrenNumberReply {
  readonly totalNumber: number;
}

export interface WhoAmIReply {
  readonly clientInfo: readonly ClientInfo[];
}

export interface ErrorReply {
  readonly err: number;
}

const path = { path: string } as const;
const stat = { stat: Stat } as const;

export const CreateReply: RecordCodec<PathReply> = record("CreateResponse", path);
export const Create2Reply: RecordCodec<Create2Reply> = record("Create2Response", { path: string, stat: Stat });
export const ExistsReply: RecordCodec<StatReply> = record("ExistsResponse", stat);
export const GetDataReply: RecordCodec<GetDataReply> = record("GetDataResponse", { data: buffer, stat: Stat });
export const SetDataReply: RecordCodec<StatReply> = record("SetDataResponse", stat);
export const GetAclReply: RecordCodec<GetAclReply> = record("GetACLResponse", { acl: AclList, stat: Stat });
export const SetAclReply: RecordCodec<StatReply> = record("SetACLResponse", stat);
export const GetChildrenReply: RecordCodec<GetChildrenReply> = record("GetChildrenResponse", {
  children: vector(string),
});
export const GetChildren2Reply: RecordCodec<GetChildren2Reply> = record("GetChildren2Response", {
  children: vector(string),
  stat: Stat,
});
export const SyncReply: RecordCodec<PathReply> = record("SyncResponse", path);
export const GetEphemeralsReply: RecordCodec<GetEphemeralsReply> = record("GetEphemeralsResponse", {
  ephemerals: vector(string),
});
export const GetAllChildrenNumberReply: RecordCodec<GetAllChildrenNumberReply> = record(
  "GetAllChildrenNumberResponse",
  { totalNumber: int },
);
export const WhoAmIReply: RecordCodec<WhoAmIReply> = record("WhoAmIResponse", { clientInfo: vector(ClientInfo) });
export const ErrorReply: RecordCodec<ErrorReply> = record("ErrorResponse", { err: int });
