import { type Acl, CreateMode } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { UnsupportedError } from "../errors/client-errors.ts";
import { NoAuthError, NodeExistsError, NoNodeError } from "../errors/server-errors.ts";
import type { Caller } from "./caller.ts";

/**
 * Creates what is missing of a path's ancestors, all in one write: the server takes them in order. What exists, or another makes meanwhile,
 * is as good.
 *
 * @returns a refusal, which may mean nothing: a server does not let one create even an existing znode in a parent one may not write to
 */
export async function createParents(
  serverPaths: readonly string[],
  create: (serverPath: string) => Promise<unknown>,
): Promise<NoAuthError | undefined> {
  let refused: NoAuthError | undefined;
  for (const result of await Promise.allSettled(serverPaths.map(create))) {
    if (result.status === "fulfilled" || result.reason instanceof NodeExistsError) continue;
    if (result.reason instanceof NoAuthError) refused = result.reason;
    else if (!(result.reason instanceof NoNodeError)) throw result.reason;
  }
  return refused;
}

/** A container, so that the server removes it once it is empty; a persistent znode on servers before 3.5.3. */
export async function createContainerOrPersistent(
  caller: Caller,
  serverPath: string,
  acl: readonly Acl[],
  bounds: Bounds,
): Promise<void> {
  const request = { path: serverPath, data: caller.noData, acl };
  try {
    await caller.call({ ...request, op: "createContainer", flags: CreateMode.container }, "write", bounds);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    await caller.call({ ...request, op: "create2", flags: CreateMode.persistent }, "write", bounds);
  }
}
