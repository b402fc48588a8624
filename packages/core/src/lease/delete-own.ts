import { ClosedError, ConnectionLossError, SessionExpiredError } from "../errors/client-errors.ts";
import { NoNodeError } from "../errors/server-errors.ts";
import type { Session } from "../session/session.ts";

/**
 * Deletes an ephemeral znode of this session under a name nobody else uses, over connection loss, until it is gone or the session has
 * ended, which removes it as well. Repeating is safe because the znode is known to be ours.
 */
export async function deleteOwn(session: Session, path: string): Promise<void> {
  for (;;) {
    try {
      return await session.delete(path);
    } catch (error) {
      if (error instanceof NoNodeError || error instanceof SessionExpiredError || error instanceof ClosedError) return;
      if (!(error instanceof ConnectionLossError)) throw error;
    }
  }
}
