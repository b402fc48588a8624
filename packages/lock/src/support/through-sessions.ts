import { type Client, type Session, SessionExpiredError } from "@quorate/core";

/**
 * Attempts in one session after the other: again in the next one when a session is lost, and again in the same one after `undefined`.
 *
 * @throws what an attempt throws while its session lives; ClosedError; the signal's reason
 */
export async function throughSessions<T>(
  client: Client,
  signal: AbortSignal | undefined,
  attempt: (session: Session) => Promise<T | undefined>,
): Promise<T> {
  for (;;) {
    const session = await client.whenConnected({ signal });
    try {
      const result = await attempt(session);
      if (result !== undefined) return result;
    } catch (error) {
      const isSessionLost = session.signal.aborted || error instanceof SessionExpiredError;
      if (!isSessionLost || signal?.aborted === true || client.state === "closed") throw error;
    }
  }
}
