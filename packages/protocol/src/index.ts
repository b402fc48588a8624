export {
  AddWatchMode,
  CreateMode,
  ErrorCode,
  errorName,
  OpCode,
  Permission,
  type ServerErrorName,
  WatcherType,
  type WatchEventType,
  watchEventTypes,
  Xid,
} from "./codes.ts";
export { defaultMaxFrameBytes, FrameDecoder } from "./frames/frame-decoder.ts";
export { writeRequest } from "./frames/requests.ts";
export type { Codec, Fields, RecordCodec } from "./jute/codec.ts";
export { Reader } from "./jute/reader.ts";
export { Writer } from "./jute/writer.ts";
export type { MultiOperation, MultiReadOperation, MultiResult } from "./operations/multi.ts";
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
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  ReplyHeader,
  RequestHeader,
  WatcherEvent,
} from "./records/session.ts";
