import { ErrorCode, type MultiReply, type Operation, type QuorateError } from "@quorate/protocol";
import { errorFromServer } from "../errors/server-errors.ts";

/** The path an operation is about, for errors. */
export function pathOf(operation: Operation): string | undefined {
  return "path" in operation ? operation.path : undefined;
}

/**
 * The error of a transaction that was not applied. The server answers it with success, and with a result for each operation: 0 before
 * the failing one, its code, RUNTIME_INCONSISTENCY after it.
 */
export function multiFailure(operation: Operation<"multi">, { results }: MultiReply): QuorateError | undefined {
  let index = -1;
  let serverCode = 0;
  for (const [at, result] of results.entries()) {
    if (result.op !== "error" || result.err === 0) continue;
    if (index === -1 || serverCode === ErrorCode.RUNTIME_INCONSISTENCY) {
      index = at;
      serverCode = result.err;
    }
  }
  if (index === -1) return undefined;
  const failed = operation.operations[index];
  return errorFromServer(serverCode, { index, op: failed?.op ?? "multi", path: failed?.path });
}
