import { QuorateError } from "@quorate/protocol";
import { ConnectionLossError, SessionExpiredError, TooLargeError, UnsupportedError } from "../errors/client-errors.ts";
import { errorFromServer, ServerError } from "../errors/server-errors.ts";
import type { Chroot } from "../paths/chroot.ts";

/** The methods behind requests of another name. */
const methods: Readonly<Partial<Record<string, string>>> = {
  create2: "create",
  createContainer: "create",
  createTtl: "create",
  getData: "get",
  setData: "set",
  getChildren: "children",
  getEphemerals: "ephemerals",
  getAllChildrenNumber: "countDescendants",
  multi: "transaction",
};

/** The method that makes this request. */
export function methodOf(op: string): string {
  return methods[op] ?? op;
}

/** A driver's error names its request and the server's path; callers know the method and their own path. */
export function withCallerNames(error: unknown, chroot: Chroot): unknown {
  if (!(error instanceof QuorateError)) return error;
  const op = error.op && methodOf(error.op);
  const path = error.path && chroot.toClient(error.path);
  if (op === error.op && path === error.path) return error;
  const details = { op, path, cause: error.cause };
  if (error instanceof ServerError) return errorFromServer(error.serverCode, { ...details, index: error.index });
  const message = renamed(error, op, path);
  if (error instanceof ConnectionLossError) {
    return new ConnectionLossError(message, { ...details, outcome: error.outcome });
  }
  if (error instanceof SessionExpiredError) {
    return new SessionExpiredError(message, { ...details, outcome: error.outcome, endedBy: error.endedBy });
  }
  if (error instanceof TooLargeError) return new TooLargeError(message, details);
  if (error instanceof UnsupportedError) return new UnsupportedError(message, details);
  return error;
}

function renamed(error: QuorateError, op: string | undefined, path: string | undefined): string {
  const { message } = error;
  const rest = error.op !== undefined && message.startsWith(error.op) ? message.slice(error.op.length) : undefined;
  const about = rest === undefined ? message : `${op}${rest}`;
  return error.path === undefined || path === error.path ? about : about.replaceAll(error.path, path ?? "");
}
