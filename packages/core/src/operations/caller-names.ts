import { EncodingError, type Operation, QuorateError, type QuorateErrorDetails } from "@quorate/protocol";
import {
  ClosedError,
  ConnectionLossError,
  type Outcome,
  SessionExpiredError,
  TooLargeError,
  UnsupportedError,
} from "../errors/client-errors.ts";
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
  getChildren2: "children",
  getEphemerals: "ephemerals",
  getAllChildrenNumber: "countDescendants",
  multi: "transaction",
};

/** The method that makes this request. */
export function methodOf(op: string): string {
  return methods[op] ?? op;
}

/** The path an operation is about, as the caller wrote it. */
export function clientPathOf(operation: Operation, { toClient }: Chroot): string | undefined {
  return "path" in operation ? toClient(operation.path) : undefined;
}

/**
 * A driver's error names its request and the server's path, the end of a session nothing at all; callers know the method and their own
 * path.
 */
export function withCallerNames(error: unknown, operation: Operation, chroot: Chroot): unknown {
  if (!(error instanceof QuorateError)) return error;
  const op = methodOf(error.op ?? operation.op);
  const path = error.path === undefined ? clientPathOf(operation, chroot) : chroot.toClient(error.path);
  if (op === error.op && path === error.path) return error;
  const { cause } = error;
  if (error instanceof ServerError) return errorFromServer(error.serverCode, { op, path, cause, index: error.index });
  const Named = renamable.find((candidate) => error.constructor === candidate);
  if (Named === undefined) return error;
  const { outcome, endedBy, capability }: Details = error;
  return new Named(renamed(error, op, path), { op, path, cause, outcome, endedBy, capability });
}

interface Details extends QuorateErrorDetails {
  readonly outcome?: Outcome | undefined;
  readonly endedBy?: SessionExpiredError["endedBy"] | undefined;
  readonly capability?: UnsupportedError["capability"];
}

/** The classes made of a message and of some of these details. */
const renamable: readonly (new (message: string, details: Details) => QuorateError)[] = [
  ConnectionLossError,
  SessionExpiredError,
  ClosedError,
  TooLargeError,
  UnsupportedError,
  EncodingError,
];

function renamed(error: QuorateError, op: string, path: string | undefined): string {
  const { message } = error;
  const about = error.op !== undefined && message.startsWith(error.op) ? op + message.slice(error.op.length) : message;
  return error.path === undefined || path === undefined ? about : about.replaceAll(error.path, path);
}
