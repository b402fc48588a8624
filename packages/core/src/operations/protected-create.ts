import type { Stat } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { ConnectionLossError } from "../errors/client-errors.ts";
import { joinPath, nodeName, parentPath } from "../paths/path.ts";
import type { Created, ZnodeOperations } from "./znode-operations.ts";

/** `_c_<uuid>-name`, in the same parent. Curator's convention, so that its tools know such names too. */
export function protectedPath(path: string, uuid: string): string {
  return joinPath(parentPath(path), `_c_${uuid}-${nodeName(path)}`);
}

/**
 * Creates under a name that can be found again. When the answer is lost, the parent is listed (behind a `sync`: the next server may lag
 * behind the one that took the create) and the znode looked up by its id. One that belongs to an earlier session is dying: it is removed
 * and made anew.
 */
export async function createProtected(
  operations: ZnodeOperations,
  path: string,
  create: () => Promise<Created>,
  /** The session that must own it; undefined for a persistent znode. */
  owner: (() => bigint | undefined) | undefined,
  bounds: Bounds,
): Promise<Created> {
  for (;;) {
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof ConnectionLossError)) throw error;
      const found = await find(operations, path, bounds);
      if (found === undefined) continue;
      if (owner === undefined || found.stat.ephemeralOwner === owner()) return found;
      await operations.delete(found.path, bounds);
    }
  }
}

async function find(
  operations: ZnodeOperations,
  path: string,
  bounds: Bounds,
): Promise<{ readonly path: string; readonly stat: Stat } | undefined> {
  const parent = parentPath(path);
  await operations.sync(parent, bounds);
  const prefix = nodeName(path);
  const name = (await operations.children(parent, bounds)).find((child) => child.startsWith(prefix));
  if (name === undefined) return undefined;
  const found = joinPath(parent, name);
  const stat = await operations.exists(found, bounds);
  return stat === undefined ? undefined : { path: found, stat };
}
