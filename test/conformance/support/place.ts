import type { Acl } from "@quorate/core";
import type { Operation } from "@quorate/protocol";

/** Where a script works on a server, and what it looks like from there. */
export interface Place {
  /** Path of the znode that is the script's root. */
  readonly base: string;
  /** The client's address as the server sees it; `ADDRESS` in a script's ACLs. */
  readonly address: string;
}

/** A path that is sent as it is, not below the script's root. */
export function verbatim(path: string): string {
  return `!${path}`;
}

/** The operation as it is sent. */
export function placed(operation: Operation, place: Place): Operation {
  const changed: Record<string, unknown> = { ...operation };
  if ("path" in operation) changed["path"] = placedPath(operation.path, place);
  if ("prefixPath" in operation) changed["prefixPath"] = placedPath(operation.prefixPath, place);
  if ("acl" in operation) changed["acl"] = placedAcl(operation.acl, place);
  if ("operations" in operation) {
    const members: readonly object[] = operation.operations;
    changed["operations"] = members.map((member) => placed(member as Operation, place));
  }
  return changed as unknown as Operation;
}

function placedPath(path: string, { base }: Place): string {
  if (path.startsWith("!")) return path.slice(1);
  return path === "/" ? base : `${base}${path}`;
}

function placedAcl(acl: readonly Acl[], { address }: Place): readonly Acl[] {
  return acl.map(({ perms, id }) => ({ perms, id: { ...id, id: id.id.replace("ADDRESS", address) } }));
}
