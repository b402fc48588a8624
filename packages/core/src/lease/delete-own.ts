import { SessionExpiredError } from "../errors/client-errors.ts";
import { NoNodeError } from "../errors/server-errors.ts";
import { overLoss } from "../recipe/over-loss.ts";
import type { Session } from "../session/session.ts";

/**
 * Deletes an ephemeral znode of this session under a name nobody else uses, over connection loss, until it is gone or the session has
 * ended, which removes it as well. Repeating is safe because the znode is known to be ours.
 *
 * @throws the server's refusal, such as NoAuthError
 */
export async function deleteOwn(session: Session, path: string): Promise<void> {
  try {
    await overLoss(() => session.delete(path));
  } catch (error) {
    const isGone = error instanceof NoNodeError || error instanceof SessionExpiredError || session.signal.aborted;
    if (!isGone) throw error;
  }
}
