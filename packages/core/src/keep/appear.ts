import type { Stat } from "@quorate/protocol";
import { ConnectionLossError } from "../errors/client-errors.ts";
import { BadVersionError, NodeExistsError, NoNodeError, NotEmptyError } from "../errors/server-errors.ts";
import type { Data } from "../operations/data.ts";
import { overLoss } from "../recipe/over-loss.ts";
import type { Session } from "../session/session.ts";
import { type Creation, isSessionBound } from "./keep-options.ts";

export type Appearance =
  | {
      readonly kind: "present";
      readonly path: string;
      readonly stat: Stat;
      /** It was there already, so that its data may not be the one given. */
      readonly isAdopted: boolean;
    }
  | { readonly kind: "occupied"; readonly stat: Stat; readonly error: NodeExistsError };

/**
 * Creates the node in this session. Where one is there already its owner decides: this session's own, left by a lost answer, is adopted; one
 * of another session is replaced in one transaction if `mayReplace` allows it. Connection loss is overcome.
 *
 * @throws the server's refusal, or the session's end
 */
export async function appear(
  session: Session,
  creation: Creation,
  data: Data,
  mayReplace: (stat: Stat) => boolean,
): Promise<Appearance> {
  const { path, options } = creation;
  let isReplaced = false;
  for (;;) {
    try {
      return { kind: "present", ...(await session.create(path, data, options)), isAdopted: false };
    } catch (error) {
      // What became of it is found out by asking for the same again.
      if (error instanceof ConnectionLossError) continue;
      if (!(error instanceof NodeExistsError)) throw error;
      const stat = await overLoss(() => session.exists(path));
      if (stat === undefined) continue;
      if (isOurs(stat, session, creation)) return { kind: "present", path, stat, isAdopted: !isReplaced };
      if (!mayReplace(stat)) return { kind: "occupied", stat, error };
      isReplaced = await replace(session, creation, data, stat);
      // Asked for once more, to find what is ours now, or who was faster.
    }
  }
}

/** Servers tell no difference between persistent znodes, containers and TTL nodes (org.apache.zookeeper.server.DataNode). */
function isOurs({ ephemeralOwner }: Stat, session: Session, creation: Creation): boolean {
  return ephemeralOwner === (isSessionBound(creation) ? session.id : 0n);
}

/**
 * All or nothing, so that nobody sees the path without a node; with a driver that has no transactions one after the other.
 *
 * @returns whether it is known to have been done
 */
async function replace(session: Session, { path, options }: Creation, data: Data, stat: Stat): Promise<boolean> {
  const { parents: _, ...nodeOptions } = options;
  try {
    if (!session.capabilities.has("transactions")) {
      await session.delete(path, { version: stat.version });
      return false;
    }
    const swap = session.transaction().delete(path, { version: stat.version }).create(path, data, nodeOptions);
    await swap.commit();
    return true;
  } catch (error) {
    const isOvertaken =
      error instanceof NoNodeError ||
      error instanceof BadVersionError ||
      error instanceof NotEmptyError ||
      error instanceof ConnectionLossError;
    if (!isOvertaken) throw error;
    return false;
  }
}
