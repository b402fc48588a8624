import { OpCode } from "../codes.ts";
import { type Codec, nothing } from "../jute/codec.ts";
import {
  Create2Reply,
  CreateReply,
  ErrorReply,
  ExistsReply,
  GetAclReply,
  GetAllChildrenNumberReply,
  GetChildren2Reply,
  GetChildrenReply,
  GetDataReply,
  GetEphemeralsReply,
  type PathReply,
  SetAclReply,
  SetDataReply,
  type StatReply,
  SyncReply,
  WhoAmIReply,
} from "../records/replies.ts";
import {
  AddWatchRequest,
  CheckWatchesRequest,
  CreateRequest,
  CreateTtlRequest,
  DeleteRequest,
  ExistsRequest,
  GetAclRequest,
  GetAllChildrenNumberRequest,
  GetChildren2Request,
  GetChildrenRequest,
  GetDataRequest,
  GetEphemeralsRequest,
  type PathRequest,
  ReconfigRequest,
  RemoveWatchesRequest,
  SetAclRequest,
  SetDataRequest,
  SyncRequest,
  type VersionedRequest,
  type WatchableRequest,
} from "../records/requests.ts";
import { GetSaslRequest, type SaslToken, SetSaslResponse } from "../records/session.ts";
import {
  type MultiOperation,
  MultiOperations,
  type MultiReadOperation,
  MultiReadOperations,
  type MultiResult,
  MultiResults,
} from "./multi.ts";

/**
 * Everything a client can ask within a session, with what the server answers. Not here: what a driver sends of its own accord (ping, auth,
 * setWatches), and a `check` outside of a multi, which servers up to 3.8 never answer when it holds.
 */
export interface OperationTypes {
  create: { request: CreateRequest; reply: PathReply };
  create2: { request: CreateRequest; reply: Create2Reply };
  createContainer: { request: CreateRequest; reply: Create2Reply };
  createTtl: { request: CreateTtlRequest; reply: Create2Reply };
  delete: { request: VersionedRequest; reply: object };
  exists: { request: WatchableRequest; reply: StatReply };
  getData: { request: WatchableRequest; reply: GetDataReply };
  setData: { request: SetDataRequest; reply: StatReply };
  getAcl: { request: PathRequest; reply: GetAclReply };
  setAcl: { request: SetAclRequest; reply: StatReply };
  getChildren: { request: WatchableRequest; reply: GetChildrenReply };
  getChildren2: { request: WatchableRequest; reply: GetChildren2Reply };
  sync: { request: PathRequest; reply: PathReply };
  multi: { request: { readonly operations: readonly MultiOperation[] }; reply: MultiReply };
  multiRead: { request: { readonly operations: readonly MultiReadOperation[] }; reply: MultiReply };
  reconfig: { request: ReconfigRequest; reply: GetDataReply };
  addWatch: { request: AddWatchRequest; reply: ErrorReply };
  checkWatches: { request: RemoveWatchesRequest; reply: object };
  removeWatches: { request: RemoveWatchesRequest; reply: object };
  getEphemerals: { request: GetEphemeralsRequest; reply: GetEphemeralsReply };
  getAllChildrenNumber: { request: PathRequest; reply: GetAllChildrenNumberReply };
  whoAmI: { request: object; reply: WhoAmIReply };
  sasl: { request: SaslToken; reply: SaslToken };
  closeSession: { request: object; reply: object };
}

/** One result for each operation, in the same order. */
export interface MultiReply {
  readonly results: readonly MultiResult[];
}

/** The names of the operations, as used in {@link Operation}. */
export type OperationName = keyof OperationTypes;

/** A request as a discriminated union: `{ op: "getData", path: "/a", watch: false }`. */
export type Operation<Name extends OperationName = OperationName> = {
  [Op in Name]: { readonly op: Op } & OperationTypes[Op]["request"];
}[Name];

/** What a server answers to an operation. */
export type Reply<Name extends OperationName = OperationName> = OperationTypes[Name]["reply"];

/** One operation on the wire: its code, what is behind the request's header, and what behind that of a reply whose `err` is 0. */
export interface OperationCodec<Name extends OperationName> {
  readonly type: number;
  readonly request: Codec<OperationTypes[Name]["request"]>;
  readonly reply: Codec<OperationTypes[Name]["reply"]>;
}

function wrapped<K extends string, T>(key: K, codec: Codec<T>): Codec<{ readonly [P in K]: T }> {
  return {
    read: (reader) => ({ [key]: codec.read(reader) }) as { readonly [P in K]: T },
    write: (writer, value) => codec.write(writer, value[key]),
  };
}

/** How each operation looks on the wire. A reply with another `err` than 0 is its header alone. */
export const operations: { readonly [Name in OperationName]: OperationCodec<Name> } = {
  create: { type: OpCode.create, request: CreateRequest, reply: CreateReply },
  create2: { type: OpCode.create2, request: CreateRequest, reply: Create2Reply },
  createContainer: { type: OpCode.createContainer, request: CreateRequest, reply: Create2Reply },
  createTtl: { type: OpCode.createTtl, request: CreateTtlRequest, reply: Create2Reply },
  delete: { type: OpCode.delete, request: DeleteRequest, reply: nothing },
  exists: { type: OpCode.exists, request: ExistsRequest, reply: ExistsReply },
  getData: { type: OpCode.getData, request: GetDataRequest, reply: GetDataReply },
  setData: { type: OpCode.setData, request: SetDataRequest, reply: SetDataReply },
  getAcl: { type: OpCode.getAcl, request: GetAclRequest, reply: GetAclReply },
  setAcl: { type: OpCode.setAcl, request: SetAclRequest, reply: SetAclReply },
  getChildren: { type: OpCode.getChildren, request: GetChildrenRequest, reply: GetChildrenReply },
  getChildren2: { type: OpCode.getChildren2, request: GetChildren2Request, reply: GetChildren2Reply },
  sync: { type: OpCode.sync, request: SyncRequest, reply: SyncReply },
  multi: {
    type: OpCode.multi,
    request: wrapped("operations", MultiOperations),
    reply: wrapped("results", MultiResults),
  },
  multiRead: {
    type: OpCode.multiRead,
    request: wrapped("operations", MultiReadOperations),
    reply: wrapped("results", MultiResults),
  },
  reconfig: { type: OpCode.reconfig, request: ReconfigRequest, reply: GetDataReply },
  addWatch: { type: OpCode.addWatch, request: AddWatchRequest, reply: ErrorReply },
  checkWatches: { type: OpCode.checkWatches, request: CheckWatchesRequest, reply: nothing },
  removeWatches: { type: OpCode.removeWatches, request: RemoveWatchesRequest, reply: nothing },
  getEphemerals: { type: OpCode.getEphemerals, request: GetEphemeralsRequest, reply: GetEphemeralsReply },
  getAllChildrenNumber: {
    type: OpCode.getAllChildrenNumber,
    request: GetAllChildrenNumberRequest,
    reply: GetAllChildrenNumberReply,
  },
  whoAmI: { type: OpCode.whoAmI, request: nothing, reply: WhoAmIReply },
  sasl: { type: OpCode.sasl, request: GetSaslRequest, reply: SetSaslResponse },
  closeSession: { type: OpCode.closeSession, request: nothing, reply: nothing },
};

const byType = new Map(Object.entries(operations).map(([name, { type }]) => [type, name as OperationName]));

/** The operation behind a wire code; undefined for one this version does not know. */
export function operationName(type: number): OperationName | undefined {
  return byType.get(type);
}
