import type { Client, SuspendedPolicy } from "@quorate/core";
import { deleteOwn, joinPath, NodeLease, nodeName, overLoss, type WaitingLine } from "@quorate/core/recipe";
import { behind } from "./line.ts";
import type { SessionHold } from "./owned-holds.ts";

export interface BehindOptions {
  readonly client: Client;
  /** Of the side that the new one is on. */
  readonly line: WaitingLine;
  readonly subject: string;
  readonly data: string;
  readonly onSuspended: SuspendedPolicy;
  /** Told when it is given back. */
  readonly onRelease: () => void;
}

/**
 * A hold right behind another of the same owner and session, before whoever waits. It is held at once: there is nobody between the two. Its
 * token is the other's, as the place is: those behind have greater ones.
 *
 * @throws LeaseLostError if the other was gone before this one was there
 */
export async function standBehind(own: SessionHold, options: BehindOptions): Promise<NodeLease> {
  const { client, line, subject, data, onSuspended, onRelease } = options;
  const { session, lease } = own;
  lease.assertHeld();
  const ownName = nodeName(lease.path);
  const { path } = await session.create(joinPath(line.directory, behind(ownName, line.marker)), data, {
    mode: "ephemeral-sequential",
    protected: true,
  });
  try {
    // Listed after it was made: the other still held when this one was there.
    const names = await overLoss(() => session.children(line.directory));
    if (!names.includes(ownName)) throw lease.fence.gone();
  } catch (error) {
    await deleteOwn(session, path);
    throw error;
  }
  return new NodeLease({
    session,
    path,
    fencingToken: lease.fencingToken,
    subject,
    onSuspended,
    logger: client.logger,
    giveBack: () => {
      onRelease();
      return deleteOwn(session, path);
    },
  });
}
