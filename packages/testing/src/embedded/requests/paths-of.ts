/** The paths a decoded request is about. */
export function pathsOf(request: unknown): readonly string[] {
  if (typeof request !== "object" || request === null) return [];
  if ("operations" in request) return (request.operations as readonly unknown[]).flatMap(pathsOf);
  if ("path" in request) return [request.path as string];
  return "prefixPath" in request ? [request.prefixPath as string] : [];
}
