/** Errors that would be the same if the same were asked again. */
const finalCodes: ReadonlySet<unknown> = new Set([
  "NO_AUTH",
  "AUTH_FAILED",
  "INVALID_ACL",
  "INVALID_ARGUMENT",
  "NO_CHILDREN_FOR_EPHEMERALS",
  "TOO_LARGE",
  "UNSUPPORTED",
]);

/** Whether asking again cannot help: for recipes that go on by themselves. */
export function isFinalRefusal(error: unknown): boolean {
  return finalCodes.has((error as { readonly code?: unknown }).code);
}
