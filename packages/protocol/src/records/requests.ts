import { boolean, buffer, int, long, nullableString, type RecordCodec, record, string, vector } from "../jute/codec.ts";
import { type Acl, AclList } from "./data.ts";

/** Asks about one znode. */
export interface PathRequest {
  readonly path: string;
}

/** Reads one znode, and may leave a watch. */
export interface WatchableRequest {
  readonly path: string;
  /** Leaves a one-shot watch. */
  readonly watch: boolean;
}

/** Names a znode in one version of its data. */
export interface VersionedRequest {
  readonly path: string;
  /** -1 matches any version. */
  readonly version: number;
}

/** A znode to be made. */
export interface CreateRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  /** See {@link CreateMode}. */
  readonly flags: number;
}

/** A znode to be made that goes once it has not changed, and has had no children, for a while. */
export interface CreateTtlRequest extends CreateRequest {
  /** Milliseconds. */
  readonly ttl: bigint;
}

/** New data for a znode. */
export interface SetDataRequest extends VersionedRequest {
  readonly data: Uint8Array | null;
}

/** A new access control list for a znode; `version` is that of the list. */
export interface SetAclRequest extends VersionedRequest {
  readonly acl: readonly Acl[];
}

/** A watch that stays. */
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

/** A change of the ensemble: servers that come and go, or a whole new list of members. */
export interface ReconfigRequest {
  readonly joiningServers: string | null;
  readonly leavingServers: string | null;
  readonly newMembers: string | null;
  /** The version of the configuration this is for; -1 for any. */
  readonly curConfigId: bigint;
}

/** Watches to be set again on a new connection. */
export interface SetWatchesRequest {
  /** Changes after this zxid are reported at once. */
  readonly relativeZxid: bigint;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

/** Watches to be set again on a new connection, for servers from 3.6 on. */
export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

/** Asks for this session's ephemeral znodes below a path. */
export interface GetEphemeralsRequest {
  readonly prefixPath: string;
}

const path = { path: string } as const;
const watchable = { path: string, watch: boolean } as const;
const versioned = { path: string, version: int } as const;
const creation = { path: string, data: buffer, acl: AclList, flags: int } as const;
const strings = vector(string);
const watches = { relativeZxid: long, dataWatches: strings, existWatches: strings, childWatches: strings } as const;

/** Asks for `create`, `create2` and `createContainer`. */
export const CreateRequest: RecordCodec<CreateRequest> = record("CreateRequest", creation);
/** Asks for `createTtl`. */
export const CreateTtlRequest: RecordCodec<CreateTtlRequest> = record("CreateTTLRequest", { ...creation, ttl: long });
/** Asks for `delete`. */
export const DeleteRequest: RecordCodec<VersionedRequest> = record("DeleteRequest", versioned);
/** Asks for `exists`. */
export const ExistsRequest: RecordCodec<WatchableRequest> = record("ExistsRequest", watchable);
/** Asks for `getData`. */
export const GetDataRequest: RecordCodec<WatchableRequest> = record("GetDataRequest", watchable);
/** Asks for `setData`. */
export const SetDataRequest: RecordCodec<SetDataRequest> = record("SetDataRequest", {
  path: string,
  data: buffer,
  version: int,
});
/** Asks for `getAcl`. */
export const GetAclRequest: RecordCodec<PathRequest> = record("GetACLRequest", path);
/** Asks for `setAcl`. */
export const SetAclRequest: RecordCodec<SetAclRequest> = record("SetACLRequest", {
  path: string,
  acl: AclList,
  version: int,
});
/** Asks for `getChildren`. */
export const GetChildrenRequest: RecordCodec<WatchableRequest> = record("GetChildrenRequest", watchable);
/** Asks for `getChildren2`. */
export const GetChildren2Request: RecordCodec<WatchableRequest> = record("GetChildren2Request", watchable);
/** Asks for `sync`. */
export const SyncRequest: RecordCodec<PathRequest> = record("SyncRequest", path);
/** Asks for `check`, within a multi. */
export const CheckVersionRequest: RecordCodec<VersionedRequest> = record("CheckVersionRequest", versioned);
/** Asks for `addWatch`. */
export const AddWatchRequest: RecordCodec<AddWatchRequest> = record("AddWatchRequest", { path: string, mode: int });
/** Asks for `removeWatches`. */
export const RemoveWatchesRequest: RecordCodec<RemoveWatchesRequest> = record("RemoveWatchesRequest", {
  path: string,
  type: int,
});
/** Asks for `checkWatches`. */
export const CheckWatchesRequest: RecordCodec<RemoveWatchesRequest> = record("CheckWatchesRequest", {
  path: string,
  type: int,
});
/** Asks for `reconfig`. */
export const ReconfigRequest: RecordCodec<ReconfigRequest> = record("ReconfigRequest", {
  joiningServers: nullableString,
  leavingServers: nullableString,
  newMembers: nullableString,
  curConfigId: long,
});
/** Sent by a driver with {@link Xid}.setWatches. */
export const SetWatchesRequest: RecordCodec<SetWatchesRequest> = record("SetWatches", watches);
/** Sent by a driver with {@link Xid}.setWatches. */
export const SetWatches2Request: RecordCodec<SetWatches2Request> = record("SetWatches2", {
  ...watches,
  persistentWatches: strings,
  persistentRecursiveWatches: strings,
});
/** Asks for `getEphemerals`. */
export const GetEphemeralsRequest: RecordCodec<GetEphemeralsRequest> = record("GetEphemeralsRequest", {
  prefixPath: string,
});
/** Asks for `getAllChildrenNumber`. */
export const GetAllChildrenNumberRequest: RecordCodec<PathRequest> = record("GetAllChildrenNumberRequest", path);
