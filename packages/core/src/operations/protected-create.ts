import type { Stat } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { ConnectionLossError } from "../errors/client-errors.ts";
import { joinPath, nodeName, parentPath } from "../paths/path.ts";
import { unlessMissing } from "./unless-missing.ts";
import type { BasicOperations, Created } from "./znode-types.ts";

/** `_c_<uuid>-name`, in the same parent. Curator's convention, so that its tools know such names too. */
export function protectedPath(path: string, uuid: string): string {
  return joinPath(parentPath(path), `_c_${uuid}-${nodeName(path)}`);
}

export interface ProtectedCreate {
  readonly operations: BasicOperations;
  /** With the id, before the server appends the sequence number. */
  readonly path: string;
  readonly create: () => Promise<Created>;
  /** The session that must own the znode; undefined for a persistent one. */
  readonly owner: (() => bigint | undefined) | undefined;
  /** Whether to look for as long as it takes: in one session, whose end is the bound. */
  readonly untilKnown: boolean;
  readonly bounds: Bounds;
}

/**
 * Creates under a name that can be found again. When the answer is lost, the parent is listed (behind a `sync`: the next server may lag
 * behind the one that took the create) and the znode looked up by its id. One that belongs to an earlier session is dying: it is removed
 * and made anew.
 */
export async function createProtected(attempt: ProtectedCreate): Promise<Created> {
  const { operations, path, create, owner, untilKnown, bounds } = attempt;
  let lost: ConnectionLossError | undefined;
  for (;;) {
    try {
      const found = lost === undefined ? undefined : await find(operations, path, bounds);
      lost = undefined;
      if (found === undefined) return await create();
      if (owner === undefined || found.stat.ephemeralOwner === owner()) return found;
      await unlessMissing(operations.delete(found.path, bounds));
    } catch (error) {
      if (!(error instanceof ConnectionLossError)) throw error;
      const unknown = lost !== undefined || error.outcome === "unknown";
      if (!untilKnown && (lost !== undefined || !unknown)) throw lost ?? error;
      if (unknown) lost ??= error;
    }
  }
}

async function find(
  operations: BasicOperations,
  path: string,
  bounds: Bounds,
): Promise<{ readonly path: string; readonly stat: Stat } | undefined> {
  const parent = parentPath(path);
  await operations.sync(parent, bounds);
  const prefix = nodeName(path);
  const children = await unlessMissing(operations.children(parent, bounds));
  const name = children?.find((child) => child.startsWith(prefix));
  if (name === undefined) return undefined;
  const found = joinPath(parent, name);
  const stat = await operations.exists(found, bounds);
  return stat === undefined ? undefined : { path: found, stat };
}
