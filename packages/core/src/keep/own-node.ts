import { ConnectionLossError } from "../errors/client-errors.ts";
import { BadVersionError, NoNodeError } from "../errors/server-errors.ts";
import type { Data } from "../operations/data.ts";
import { overLoss } from "../recipe/over-loss.ts";
import type { Session } from "../session/session.ts";

/** A znode at a path that others may take: its czxid tells it from theirs. */
export interface OwnNode {
  readonly session: Session;
  readonly path: string;
  readonly czxid: bigint;
}

/** @returns false if the path is empty or somebody else's by now: nothing was written then */
export function writeOwn(node: OwnNode, data: Data): Promise<boolean> {
  return changeOwn(node, (version) => node.session.set(node.path, data, { version }));
}

/** @returns false if the path is empty or somebody else's by now */
export function removeOwn(node: OwnNode): Promise<boolean> {
  return changeOwn(node, (version) => node.session.delete(node.path, { version }));
}

/**
 * Looked at first, as the servers can check a version and no czxid. Over connection loss, and over changes of others meanwhile.
 *
 * @throws the server's refusal, or the session's end
 */
async function changeOwn(
  { session, path, czxid }: OwnNode,
  change: (version: number) => Promise<unknown>,
): Promise<boolean> {
  for (;;) {
    const stat = await overLoss(() => session.exists(path));
    if (stat?.czxid !== czxid) return false;
    try {
      await change(stat.version);
      return true;
    } catch (error) {
      if (error instanceof NoNodeError) return false;
      if (!(error instanceof BadVersionError || error instanceof ConnectionLossError)) throw error;
    }
  }
}
