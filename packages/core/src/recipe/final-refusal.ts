import { QuorateError } from "@quorate/protocol";

/** Errors that would be the same if the same were asked again. */
const finalCodes: ReadonlySet<unknown> = new Set<unknown>([
  "NO_AUTH",
  "AUTH_FAILED",
  "INVALID_ACL",
  "INVALID_ARGUMENT",
  "NO_CHILDREN_FOR_EPHEMERALS",
  "TOO_LARGE",
  "UNSUPPORTED",
]);

/** Whether asking again cannot help: for recipes that go on by themselves. An error that is none of ours is a mistake, and stays one. */
export function isFinalRefusal(error: unknown): boolean {
  return !(error instanceof QuorateError) || finalCodes.has(error.code);
}
