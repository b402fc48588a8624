import { ClosedError, SessionExpiredError } from "../errors/client-errors.ts";

/** What ended a session or client, told about something that was therefore never sent. */
export function notSent(reason: Error, op?: string): Error {
  const details = { op, outcome: "not-applied", cause: reason } as const;
  if (reason instanceof ClosedError) return new ClosedError(reason.message, details);
  if (!(reason instanceof SessionExpiredError)) return reason;
  return new SessionExpiredError(reason.message, { ...details, endedBy: reason.endedBy });
}
