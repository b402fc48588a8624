import { LeaseLostError, type Session, SessionExpiredError } from "@quorate/core";

/**
 * What it means that a lease was lost which its own recipe still worked under, before anybody had it.
 *
 * @returns whether someone took it away while the session lives: then it is to be asked for anew
 * @throws the session's end, if that is what it was
 */
export function isLostOnTheWay(error: unknown, session: Session): boolean {
  if (!(error instanceof LeaseLostError)) return false;
  if (session.signal.aborted) throw session.signal.reason;
  if (error.reason !== "deadline-passed" && error.reason !== "session-ended") return true;
  // The lease looked at the clock itself; the session's own timer, which tells everybody, is due.
  throw new SessionExpiredError(error.message, { endedBy: "deadline", outcome: "not-applied", cause: error });
}
