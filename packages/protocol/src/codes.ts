/** Operation codes on the wire (org.apache.zookeeper.ZooDefs.OpCode). */
export const OpCode = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const;

/** Transaction ids with a fixed meaning; ordinary requests count from 1. */
export const Xid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** `flags` of a create (org.apache.zookeeper.CreateMode). */
export const CreateMode = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const;

/** Modes of `addWatch`. */
export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const;

/** What `removeWatches` removes (org.apache.zookeeper.Watcher.WatcherType). */
export const WatcherType = { children: 1, data: 2, any: 3 } as const;

/** Permission bits of an ACL entry. */
export const Permission = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

/** What a watch event tells, by the `type` of a WatcherEvent. */
export type WatchEventType = "created" | "deleted" | "dataChanged" | "childrenChanged";

/** What the `type` of a WatcherEvent means; -1 stands for a change of the connection, which a server never sends. */
export const watchEventTypes: ReadonlyMap<number, WatchEventType> = new Map([
  [1, "created"],
  [2, "deleted"],
  [3, "dataChanged"],
  [4, "childrenChanged"],
]);

/** Error codes on the wire (org.apache.zookeeper.KeeperException.Code) and their names here. */
const serverErrors = {
  SYSTEM_ERROR: -1,
  RUNTIME_INCONSISTENCY: -2,
  DATA_INCONSISTENCY: -3,
  CONNECTION_LOSS: -4,
  MARSHALLING_ERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATION_TIMEOUT: -7,
  BAD_ARGUMENTS: -8,
  UNKNOWN_SESSION: -12,
  NEW_CONFIG_NO_QUORUM: -13,
  RECONFIG_IN_PROGRESS: -14,
  API_ERROR: -100,
  NO_NODE: -101,
  NO_AUTH: -102,
  BAD_VERSION: -103,
  NO_CHILDREN_FOR_EPHEMERALS: -108,
  NODE_EXISTS: -110,
  NOT_EMPTY: -111,
  SESSION_EXPIRED: -112,
  INVALID_CALLBACK: -113,
  INVALID_ACL: -114,
  AUTH_FAILED: -115,
  CLOSING: -116,
  NOTHING: -117,
  SESSION_MOVED: -118,
  NOT_READ_ONLY: -119,
  EPHEMERAL_ON_LOCAL_SESSION: -120,
  NO_WATCHER: -121,
  REQUEST_TIMEOUT: -122,
  RECONFIG_DISABLED: -123,
  SESSION_CLOSED_REQUIRE_SASL_AUTH: -124,
  QUOTA_EXCEEDED: -125,
  THROTTLED_OP: -127,
} as const;

/** The name of an error as it is used here; ZooKeeper's own without the underscores. */
export type ServerErrorName = keyof typeof serverErrors;

/** Error codes on the wire, by name (org.apache.zookeeper.KeeperException.Code, and two of the C client). 0 is success. */
export const ErrorCode: Readonly<Record<ServerErrorName, number>> = serverErrors;

const namesByCode = new Map<number, ServerErrorName>(
  Object.entries(serverErrors).map(([name, code]) => [code, name as ServerErrorName]),
);

/** The name of a server's error code; undefined for one this version does not know. */
export function errorName(code: number): ServerErrorName | undefined {
  return namesByCode.get(code);
}
