import { ErrorCode, type Operation, type QuorateError } from "@quorate/protocol";
import { ClosedError, ConnectionLossError, type Outcome, SessionExpiredError } from "../errors/client-errors.ts";
import { AuthFailedError } from "../errors/server-errors.ts";
import { pathOf } from "./replies.ts";

/** Makes the error of a request that gets no answer: `"unknown"` for one that was on its way, `"not-applied"` for one never sent. */
export type Refusal = (operation: Operation | undefined, outcome: Outcome) => Error;

export const closed: Refusal = (operation, outcome) =>
  new ClosedError(`${nameOf(operation)}: the session was closed`, about(operation, outcome));

export const expired: Refusal = (operation, outcome) =>
  new SessionExpiredError(`${nameOf(operation)}: the server says the session has expired`, about(operation, outcome));

export const disconnected: Refusal = (operation, outcome) =>
  new ConnectionLossError(`${nameOf(operation)}: there is no connection now`, about(operation, outcome));

export function lossOf(cause: Error): Refusal {
  return (operation, outcome) =>
    new ConnectionLossError(`${nameOf(operation)}: the connection broke: ${cause.message}`, {
      ...about(operation, outcome),
      cause,
    });
}

export function authRefused(cause: QuorateError): Refusal {
  const serverCode = cause instanceof AuthFailedError ? cause.serverCode : ErrorCode.AUTH_FAILED;
  return (operation) =>
    operation === undefined
      ? cause
      : new AuthFailedError(serverCode, { op: operation.op, path: pathOf(operation), cause });
}

function nameOf(operation: Operation | undefined): string {
  return operation?.op ?? "request";
}

function about(
  operation: Operation | undefined,
  outcome: Outcome,
): { op?: string; path?: string | undefined; outcome: Outcome } {
  return operation === undefined ? { outcome } : { op: operation.op, path: pathOf(operation), outcome };
}
