export {
  type Acl,
  type ClientInfo,
  EncodingError,
  type Id,
  Permission,
  ProtocolError,
  QuorateError,
  type QuorateErrorDetails,
  type Stat,
  type WatchEventType,
} from "@quorate/protocol";
export { creatorAcl, digestAcl, openAcl, readAcl } from "./acl/acl.ts";
export type { Bounds } from "./bounds/bounded.ts";
export type { CacheChange, CachedNode } from "./cache/cached-node.ts";
export { ChildrenCache, NodeCache, TreeCache } from "./cache/caches.ts";
export type { ChangesOptions } from "./cache/change-stream.ts";
export type { CacheMode, CacheOptions, CacheTypes } from "./cache/open-cache.ts";
export type { Auth } from "./client/auth.ts";
export { Client } from "./client/client.ts";
export { connect } from "./client/connect.ts";
export { type ConnectString, formatServer, parseConnectString } from "./client/connect-string.ts";
export type { ConnectionState } from "./client/connection-state.ts";
export type { ConnectOptions } from "./client/options.ts";
export type { Capability } from "./driver/capability.ts";
export type { Credential, SaslCredential } from "./driver/credentials.ts";
export type {
  Connected,
  Driver,
  DriverEvents,
  DriverOptions,
  DriverSession,
  ServerAddress,
  WatchEvent,
} from "./driver/driver.ts";
export type { TlsOptions } from "./driver/tls-options.ts";
export {
  AbortedError,
  ClosedError,
  type ConnectAttempt,
  ConnectError,
  ConnectionLossError,
  InvalidArgumentError,
  LeaseLostError,
  type LeaseLostReason,
  type Outcome,
  SessionExpiredError,
  TimeoutError,
  TooLargeError,
  UnsupportedError,
} from "./errors/client-errors.ts";
export {
  AuthFailedError,
  BadVersionError,
  InvalidAclError,
  NoAuthError,
  NoChildrenForEphemeralsError,
  NodeExistsError,
  NoNodeError,
  NotEmptyError,
  NotReadOnlyError,
  NoWatcherError,
  ServerError,
} from "./errors/server-errors.ts";
export type { Lease, LeaseTransaction } from "./lease/lease.ts";
export type { SuspendedPolicy } from "./lease/node-lease.ts";
export type { Logger } from "./logger.ts";
export type { CreateModeName, CreateNodeOptions, CreateOptions } from "./operations/creation.ts";
export type { Data } from "./operations/data.ts";
export type { EnsembleConfig, ReconfigOptions } from "./operations/reconfig.ts";
export type { Transaction, TransactionResult } from "./operations/transaction.ts";
export type { ZnodeOperations } from "./operations/znode-operations.ts";
export type { Created, DeleteOptions, NodeAcl, VersionOptions, Znode } from "./operations/znode-types.ts";
export { type RandomSource, systemRandom } from "./random.ts";
export type { RetryOptions } from "./retry/retry-policy.ts";
export type { Session } from "./session/session.ts";
export type { OperationTrace, StateTrace } from "./tracing/tracing.ts";
export { netTransport } from "./transport/net-transport.ts";
export type { ByteStream, StreamEvents, StreamTarget, Transport } from "./transport/transport.ts";
export type { Watch, WatchOptions } from "./watch/watch.ts";
export type { Resync, WatchMode, ZnodeChange, ZnodeEvent } from "./watch/znode-event.ts";
export { type WireDriverOptions, wireDriver } from "./wire/wire-driver.ts";
