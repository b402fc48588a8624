export {
  AddWatchMode,
  CreateMode,
  ErrorCode,
  errorName,
  OpCode,
  Permission,
  type ServerErrorName,
  type WatchEventType,
  WatcherType,
  watchEventTypes,
  Xid,
} from "./codes.ts";
export { EncodingError } from "./encoding-error.ts";
export { defaultMaxFrameBytes, FrameDecoder } from "./frames/frame-decoder.ts";
export { writeRequest } from "./frames/requests.ts";
export type { Codec, Fields, RecordCodec, VectorCodec } from "./jute/codec.ts";
export { Reader } from "./jute/reader.ts";
export { Writer } from "./jute/writer.ts";
export {
  MultiHeader,
  type MultiOperation,
  MultiOperations,
  type MultiReadOperation,
  MultiReadOperations,
  type MultiResult,
  MultiResults,
} from "./operations/multi.ts";
export {
  type MultiReply,
  type Operation,
  type OperationCodec,
  type OperationName,
  type OperationTypes,
  operationName,
  operations,
  type Reply,
} from "./operations/operations.ts";
export { ProtocolError } from "./protocol-error.ts";
export { QuorateError, type QuorateErrorDetails } from "./quorate-error.ts";
export { Acl, ClientInfo, Id, Stat } from "./records/data.ts";
export {
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
} from "./records/replies.ts";
export {
  AddWatchRequest,
  CheckVersionRequest,
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
  SetWatches2Request,
  SetWatchesRequest,
  SyncRequest,
  type VersionedRequest,
  type WatchableRequest,
} from "./records/requests.ts";
export {
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  GetSaslRequest,
  ReplyHeader,
  RequestHeader,
  type SaslToken,
  SetSaslResponse,
  WatcherEvent,
} from "./records/session.ts";
