import { ConnectionLossError, SessionExpiredError, TooLargeError, UnsupportedError } from "../errors/client-errors.ts";
import { errorFromServer, ServerError } from "../errors/server-errors.ts";
import type { Chroot } from "../paths/chroot.ts";

/** A driver's error names the server's path; callers know theirs. */
export function withClientPath(error: unknown, chroot: Chroot): unknown {
  if (chroot.prefix === "" || !(error instanceof Error) || !("path" in error) || typeof error.path !== "string") {
    return error;
  }
  const path = chroot.toClient(error.path);
  if (path === error.path) return error;
  if (error instanceof ServerError) {
    return errorFromServer(error.serverCode, { op: error.op, path, index: error.index, cause: error.cause });
  }
  const message = error.message.replaceAll(error.path, path);
  if (error instanceof ConnectionLossError || error instanceof SessionExpiredError) {
    const { op, outcome, cause } = error;
    const ErrorClass = error instanceof ConnectionLossError ? ConnectionLossError : SessionExpiredError;
    return new ErrorClass(message, { op, path, outcome, cause });
  }
  if (error instanceof TooLargeError || error instanceof UnsupportedError) {
    const { op, cause } = error;
    const ErrorClass = error instanceof TooLargeError ? TooLargeError : UnsupportedError;
    return new ErrorClass(message, { op, path, cause });
  }
  return error;
}
