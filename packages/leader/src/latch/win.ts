import { type Client, type Session, SessionExpiredError } from "@quorate/core";
import {
  DeletionWatch,
  deleteOwn,
  isFinalRefusal,
  type ListedPlace,
  lineUp,
  NodeLease,
  overLoss,
  type Place,
  pause,
  type SuspendedPolicy,
  untilFirst,
  type WaitingLine,
} from "@quorate/core/recipe";
import { candidateName, isOutranked } from "../participants/participant.ts";

export interface Candidate {
  readonly client: Client;
  readonly line: WaitingLine;
  readonly id: string;
  /** Undefined for one that stands back for nobody. */
  readonly priority: number | undefined;
  readonly onSuspended: SuspendedPolicy;
}

/** Before lining up again after a refusal, milliseconds. */
const retryDelayMs = 500;

/**
 * Contends until it leads: through lost sessions, deletion of its znode or of the whole directory, and refusals that may pass.
 *
 * @throws the signal's reason; a refusal that will not pass, such as NoAuthError; ClosedError
 */
export async function win(candidate: Candidate, signal: AbortSignal | undefined): Promise<NodeLease> {
  const { client, line } = candidate;
  for (;;) {
    const session = await client.whenConnected({ signal });
    try {
      const lease = await contend(candidate, session, signal);
      if (lease !== undefined) return lease;
    } catch (error) {
      if (signal?.aborted === true || client.state === "closed" || isFinalRefusal(error)) throw error;
      if (session.signal.aborted || error instanceof SessionExpiredError) continue;
      client.logger.warn(`could not contend for leadership ${line.directory}; trying again`, { error });
      await pause(retryDelayMs, signal);
    }
  }
}

/** @returns undefined if it has to line up again: its znode was deleted, or it stood back */
async function contend(
  candidate: Candidate,
  session: Session,
  signal: AbortSignal | undefined,
): Promise<NodeLease | undefined> {
  const { line, id, priority } = candidate;
  const place = await lineUp(session, line, { name: candidateName(priority, line), data: id });
  let watch: DeletionWatch | undefined;
  try {
    const turn = await untilFirst(place, signal);
    if (turn.kind === "evicted") return undefined;
    watch = turn.watch;
    const standsBack = priority !== undefined && (await mustStandBack(priority, place, watch !== undefined));
    if (!standsBack) return leaseOf(candidate, place, watch);
  } catch (error) {
    watch?.abandon();
    await leave(candidate, place);
    throw error;
  }
  watch?.abandon();
  await leave(candidate, place);
  return undefined;
}

/**
 * Whoever is first in line leads: that alone keeps two from leading at once, and Curator's participants know no other rule. So priority is a
 * courtesy: one whose turn it is goes to the end of the line if someone who waits has a higher one.
 */
async function mustStandBack(priority: number, place: ListedPlace, hasWaited: boolean): Promise<boolean> {
  const { session, line } = place;
  const names = hasWaited ? await overLoss(() => session.children(line.directory)) : place.names;
  return isOutranked(priority, names, line);
}

function leaseOf({ client, line, onSuspended }: Candidate, place: Place, watch: DeletionWatch | undefined): NodeLease {
  const { session, path, czxid } = place;
  return new NodeLease({
    session,
    path,
    fencingToken: czxid,
    subject: `leadership ${line.directory}`,
    onSuspended,
    logger: client.logger,
    // Terms are long: watched from their first moment on.
    watch: watch ?? new DeletionWatch(session, path, () => {}),
  });
}

async function leave({ client, line }: Candidate, { session, path }: Place): Promise<void> {
  try {
    await deleteOwn(session, path);
  } catch (error) {
    client.logger.error(`could not leave the line of leadership ${line.directory}`, { error });
  }
}
