import type { Writer } from "../jute/writer.ts";
import { type Operation, type OperationName, operations } from "../operations/operations.ts";

/**
 * Appends one request frame.
 *
 * @throws EncodingError if a value does not fit its type; nothing is left behind then
 */
export function writeRequest<Name extends OperationName>(
  writer: Writer,
  xid: number,
  operation: Operation<Name>,
): void {
  writer.frame(() => {
    const { type, request } = operations[operation.op];
    writer.int(xid);
    writer.int(type);
    request.write(writer, operation);
  });
}
