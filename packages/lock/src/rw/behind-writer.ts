import type { Client, SuspendedPolicy } from "@quorate/core";
import { deleteOwn, joinPath, NodeLease, nodeName, overLoss } from "@quorate/core/recipe";
import { readerBehind } from "./line.ts";
import type { SessionHold } from "./owned-holds.ts";

export interface BehindOptions {
  readonly client: Client;
  readonly directory: string;
  readonly data: string;
  readonly onSuspended: SuspendedPolicy;
  /** Told when the reader is given back. */
  readonly onRelease: () => void;
}

/**
 * A reader right behind a writer of the same session, before whoever waits. It reads at once: there is nobody between the two. Its token is
 * the writer's, as the place is: the writers behind it have greater ones.
 *
 * @throws LeaseLostError if the writer was gone before the reader was there
 */
export async function standBehind(writer: SessionHold, options: BehindOptions): Promise<NodeLease> {
  const { client, directory, data, onSuspended, onRelease } = options;
  const { session, lease } = writer;
  lease.assertHeld();
  const writerName = nodeName(lease.path);
  const { path } = await session.create(joinPath(directory, readerBehind(writerName)), data, {
    mode: "ephemeral-sequential",
    protected: true,
  });
  try {
    // Listed after the reader was made: the writer still held when the reader was there.
    const names = await overLoss(() => session.children(directory));
    if (!names.includes(writerName)) throw lease.fence.gone();
  } catch (error) {
    await deleteOwn(session, path);
    throw error;
  }
  return new NodeLease({
    session,
    path,
    fencingToken: lease.fencingToken,
    subject: `read lock ${directory}`,
    onSuspended,
    logger: client.logger,
    giveBack: () => {
      onRelease();
      return deleteOwn(session, path);
    },
  });
}
