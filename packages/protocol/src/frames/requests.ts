import type { Writer } from "../jute/writer.ts";
import { type Operation, type OperationName, operations } from "../operations/operations.ts";

/** Appends one request frame. */
export function writeRequest<Name extends OperationName>(
  writer: Writer,
  xid: number,
  operation: Operation<Name>,
): void {
  const { type, request } = operations[operation.op as Name];
  writer.frame(() => {
    writer.int(xid);
    writer.int(type);
    request.write(writer, operation);
  });
}
