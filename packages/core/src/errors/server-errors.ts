import { ErrorCode, errorName, QuorateError, type QuorateErrorDetails } from "@quorate/protocol";
import { SessionExpiredError, UnsupportedError } from "./client-errors.ts";

export interface ServerErrorDetails extends QuorateErrorDetails {
  /** Position of the failing operation in a transaction, from 0. */
  readonly index?: number | undefined;
}

/** The server's answer was an error: the operation was not applied. `code` is the server's name for it. */
export class ServerError extends QuorateError {
  readonly code: string;
  /** The number on the wire. */
  readonly serverCode: number;
  /** Position of the failing operation in its transaction, from 0; undefined outside transactions. */
  readonly index: number | undefined;

  constructor(serverCode: number, details: ServerErrorDetails = {}) {
    const code = errorName(serverCode) ?? "UNKNOWN_SERVER_ERROR";
    const about = [details.op, details.path].filter((part) => part !== undefined).join(" ");
    const at = details.index === undefined ? "" : `, operation ${details.index} of the transaction`;
    super(`${about || "request"}: ${descriptions[code] ?? code} (${serverCode}${at})`, details);
    this.code = code;
    this.serverCode = serverCode;
    this.index = details.index;
  }
}

const descriptions: Partial<Record<string, string>> = {
  NO_NODE: "no such znode",
  NODE_EXISTS: "the znode exists already",
  BAD_VERSION: "the version is not the expected one",
  NOT_EMPTY: "the znode has children",
  NO_AUTH: "not permitted by the ACL",
  AUTH_FAILED: "authentication failed",
  INVALID_ACL: "the ACL is not valid",
  NO_CHILDREN_FOR_EPHEMERALS: "an ephemeral znode cannot have children",
  NOT_READ_ONLY: "the server is cut off from the quorum and serves reads only",
  NO_WATCHER: "there is no such watch",
  SESSION_CLOSED_REQUIRE_SASL_AUTH: "the server wants SASL authentication",
  BAD_ARGUMENTS: "the server does not accept the arguments",
  QUOTA_EXCEEDED: "the quota is used up",
  RECONFIG_DISABLED: "the servers do not allow reconfiguration (reconfigEnabled)",
  RECONFIG_IN_PROGRESS: "another reconfiguration is under way",
  NEW_CONFIG_NO_QUORUM: "the new members have no quorum",
};

export class NoNodeError extends ServerError {}
export class NodeExistsError extends ServerError {}
export class BadVersionError extends ServerError {}
export class NotEmptyError extends ServerError {}
export class NoAuthError extends ServerError {}
export class AuthFailedError extends ServerError {}
export class InvalidAclError extends ServerError {}
export class NoChildrenForEphemeralsError extends ServerError {}
export class NotReadOnlyError extends ServerError {}
export class NoWatcherError extends ServerError {}

const classes: ReadonlyMap<number, typeof ServerError> = new Map([
  [ErrorCode.NO_NODE, NoNodeError],
  [ErrorCode.NODE_EXISTS, NodeExistsError],
  [ErrorCode.BAD_VERSION, BadVersionError],
  [ErrorCode.NOT_EMPTY, NotEmptyError],
  [ErrorCode.NO_AUTH, NoAuthError],
  [ErrorCode.AUTH_FAILED, AuthFailedError],
  [ErrorCode.INVALID_ACL, InvalidAclError],
  [ErrorCode.NO_CHILDREN_FOR_EPHEMERALS, NoChildrenForEphemeralsError],
  [ErrorCode.NOT_READ_ONLY, NotReadOnlyError],
  [ErrorCode.NO_WATCHER, NoWatcherError],
  [ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH, AuthFailedError],
]);

/** The error for a server's code; codes this version does not know give a plain {@link ServerError}. */
export function errorFromServer(serverCode: number, details: ServerErrorDetails = {}): QuorateError {
  if (serverCode === ErrorCode.SESSION_EXPIRED) {
    return new SessionExpiredError(`${details.op ?? "request"}: the server says the session has expired`, {
      ...details,
      outcome: "not-applied",
    });
  }
  if (serverCode === ErrorCode.UNIMPLEMENTED) {
    return new UnsupportedError(`${details.op ?? "request"}: this server does not implement the operation`, details);
  }
  const ErrorClass = classes.get(serverCode) ?? ServerError;
  return new ErrorClass(serverCode, details);
}
