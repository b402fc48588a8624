import { UnsupportedError } from "@quorate/core";
import { errorFromServer, tooLarge } from "@quorate/core/driver";
import { EncodingError, ErrorCode, type Operation, operations, Writer } from "@quorate/protocol";

/** Beyond what goes with data and paths, a request is small. */
const roomForTheRest = 4096;

/** What the binding would take silently for something else, or end the process on. Undefined if there is nothing of the kind. */
export function check(operation: Operation, maxRequestBytes: number): Error | undefined {
  const { op } = operation;
  const subject = { op, path: "path" in operation ? operation.path : undefined };
  const wrong = texts(operation).find((text) => typeof text !== "string");
  if (wrong !== undefined) return new EncodingError(`${op}: a path or name is not a string`, subject);
  // It would end the text for the C client. A server answers the same.
  if (texts(operation).some((text) => text.includes("\0"))) return errorFromServer(ErrorCode.BAD_ARGUMENTS, subject);
  if ("version" in operation && !isInt32(operation.version)) {
    return new EncodingError(`${op}: version is not an int32`, subject);
  }
  if ("flags" in operation && !isInt32(operation.flags)) {
    return new EncodingError(`${op}: flags is not an int32`, subject);
  }
  if ("data" in operation && operation.data !== null && !(operation.data instanceof Uint8Array)) {
    return new EncodingError(`${op}: data is neither bytes nor null`, subject);
  }
  if (operation.op === "reconfig" && !Number.isSafeInteger(Number(operation.curConfigId))) {
    const message = `${op}: the native driver cannot name a configuration above 2^53`;
    return new UnsupportedError(message, { op, capability: "reconfig" });
  }
  return "data" in operation ? sizeRefusal(operation, maxRequestBytes) : undefined;
}

/** A BigInt would end the process. */
function isInt32(value: unknown): boolean {
  return typeof value === "number" && (value | 0) === value;
}

function texts(operation: Operation): readonly string[] {
  const found = "path" in operation ? [operation.path] : [];
  if ("acl" in operation) found.push(...operation.acl.flatMap(({ id }) => [id.scheme, id.id]));
  if (operation.op === "reconfig") {
    const { joiningServers, leavingServers, newMembers } = operation;
    found.push(...[joiningServers, leavingServers, newMembers].flatMap((list) => list ?? []));
  }
  return found;
}

/** Servers cut the connection on what is larger than they accept. */
function sizeRefusal(
  operation: Extract<Operation, { readonly data: Uint8Array | null }>,
  maxRequestBytes: number,
): Error | undefined {
  if ((operation.data?.length ?? 0) + 3 * operation.path.length + roomForTheRest < maxRequestBytes) return undefined;
  const writer = new Writer();
  writer.int(0);
  writer.int(0);
  operations[operation.op].request.write(writer, operation as never);
  return writer.length > maxRequestBytes ? tooLarge(operation, writer.length, maxRequestBytes) : undefined;
}
