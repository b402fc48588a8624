import { boolean, buffer, int, long, nullableString, type RecordCodec, record, string, vector } from "../jute/codec.ts";
import { type Acl, AclList } from "./data.ts";

export interface PathRequest {
  readonly path: string;
}

export interface WatchableRequest {
  readonly path: string;
  /** Leaves a one-shot watch. */
  readonly watch: boolean;
}

export interface VersionedRequest {
  readonly path: string;
  /** -1 matches any version. */
  readonly version: number;
}

export interface CreateRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  /** See {@link CreateMode}. */
  readonly flags: number;
}

export interface CreateTtlRequest extends CreateRequest {
  readonly ttl: bigint;
}

export interface SetDataRequest extends VersionedRequest {
  readonly data: Uint8Array | null;
}

export interface SetAclRequest extends VersionedRequest {
  readonly acl: readonly Acl[];
}

export interface AddWatchRequest {
  readonly path: string;
  /** See {@link AddWatchMode}. */
  readonly mode: number;
}

/** Names watches by path and kind: to ask whether they are there, or to remove them. */
export interface RemoveWatchesRequest {
  readonly path: string;
  /** See {@link WatcherType}. */
  readonly type: number;
}

export interface ReconfigRequest {
  readonly joiningServers: string | null;
  readonly leavingServers: string | null;
  readonly newMembers: string | null;
  readonly curConfigId: bigint;
}

export interface SetWatchesRequest {
  /** Changes after this zxid are reported at once. */
  readonly relativeZxid: bigint;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

export interface GetEphemeralsRequest {
  readonly prefixPath: string;
}

const path = { path: string } as const;
const watchable = { path: string, watch: boolean } as const;
const versioned = { path: string, version: int } as const;
const creation = { path: string, data: buffer, acl: AclList, flags: int } as const;
const strings = vector(string);
const watches = { relativeZxid: long, dataWatches: strings, existWatches: strings, childWatches: strings } as const;

export const CreateRequest: RecordCodec<CreateRequest> = record("CreateRequest", creation);
export const CreateTtlRequest: RecordCodec<CreateTtlRequest> = record("CreateTTLRequest", { ...creation, ttl: long });
export const DeleteRequest: RecordCodec<VersionedRequest> = record("DeleteRequest", versioned);
export const ExistsRequest: RecordCodec<WatchableRequest> = record("ExistsRequest", watchable);
export const GetDataRequest: RecordCodec<WatchableRequest> = record("GetDataRequest", watchable);
export const SetDataRequest: RecordCodec<SetDataRequest> = record("SetDataRequest", {
  path: string,
  data: buffer,
  version: int,
});
export const GetAclRequest: RecordCodec<PathRequest> = record("GetACLRequest", path);
export const SetAclRequest: RecordCodec<SetAclRequest> = record("SetACLRequest", {
  path: string,
  acl: AclList,
  version: int,
});
export const GetChildrenRequest: RecordCodec<WatchableRequest> = record("GetChildrenRequest", watchable);
export const GetChildren2Request: RecordCodec<WatchableRequest> = record("GetChildren2Request", watchable);
export const SyncRequest: RecordCodec<PathRequest> = record("SyncRequest", path);
export const CheckVersionRequest: RecordCodec<VersionedRequest> = record("CheckVersionRequest", versioned);
export const AddWatchRequest: RecordCodec<AddWatchRequest> = record("AddWatchRequest", { path: string, mode: int });
export const RemoveWatchesRequest: RecordCodec<RemoveWatchesRequest> = record("RemoveWatchesRequest", {
  path: string,
  type: int,
});
export const CheckWatchesRequest: RecordCodec<RemoveWatchesRequest> = record("CheckWatchesRequest", {
  path: string,
  type: int,
});
export const ReconfigRequest: RecordCodec<ReconfigRequest> = record("ReconfigRequest", {
  joiningServers: nullableString,
  leavingServers: nullableString,
  newMembers: nullableString,
  curConfigId: long,
});
export const SetWatchesRequest: RecordCodec<SetWatchesRequest> = record("SetWatches", watches);
export const SetWatches2Request: RecordCodec<SetWatches2Request> = record("SetWatches2", {
  ...watches,
  persistentWatches: strings,
  persistentRecursiveWatches: strings,
});
export const GetEphemeralsRequest: RecordCodec<GetEphemeralsRequest> = record("GetEphemeralsRequest", {
  prefixPath: string,
});
export const GetAllChildrenNumberRequest: RecordCodec<PathRequest> = record("GetAllChildrenNumberRequest", path);
