import { onAbort } from "../bounds/on-abort.ts";
import { deleteOwn } from "../lease/delete-own.ts";
import type { Data } from "../operations/data.ts";
import { joinPath, nodeName } from "../paths/path.ts";
import type { Session } from "../session/session.ts";
import { DeletionWatch } from "./deletion-watch.ts";
import { overLoss } from "./over-loss.ts";
import { shareListing } from "./shared-listing.ts";
import { Listing, type Standing, type WaitingLine } from "./waiting-line.ts";

/** A place in a line: the contender's znode. */
export interface Place {
  readonly session: Session;
  readonly line: WaitingLine;
  readonly path: string;
  readonly name: string;
  readonly czxid: bigint;
  /** Where it stood in a listing taken after the znode was created. */
  readonly standing: Standing;
}

export interface ListedPlace extends Place {
  /** That listing. Not to be kept while waiting: lines may be long. */
  readonly names: readonly string[];
}

/** How waiting ended: nobody to wait for, or the own znode was deleted by someone else. */
export type Turn = { readonly kind: "first"; readonly watch: DeletionWatch | undefined } | { readonly kind: "evicted" };

export interface LineUpOptions {
  /** The name before the sequence number, ending with the line's marker. Default the marker alone. */
  readonly name?: string | undefined;
  /** The znode's data. Default none. */
  readonly data?: Data;
  /** Called right behind the request that lists the line: what is asked then is answered as of that moment or later, and leaves with it. */
  readonly onListing?: (() => void) | undefined;
}

/**
 * Lines up. Create and listing leave in one write; a session's requests are served in order, so the listing includes the new znode: one
 * round trip. Connection loss is overcome; what was created is removed if the listing is refused.
 *
 * @throws the server's refusal, or the session's end
 */
export async function lineUp(session: Session, line: WaitingLine, options: LineUpOptions = {}): Promise<ListedPlace> {
  const { directory, marker } = line;
  const creating = session.create(joinPath(directory, options.name ?? marker), options.data, {
    mode: "ephemeral-sequential",
    protected: true,
    parents: "container",
  });
  const early = shareListing(session, directory, options.onListing).catch(() => new Listing([]));
  const { path, stat } = await creating;
  const name = nodeName(path);
  try {
    let listing = await early;
    let standing = listing.standingOf(name, line);
    if (standing.kind === "missing") {
      // The create went twice, for missing parents or a lost answer: then the listing was too early.
      listing = await list(session, directory);
      standing = listing.standingOf(name, line);
    }
    return { session, line, path, name, czxid: stat.czxid, standing, names: listing.names };
  } catch (error) {
    await deleteOwn(session, path).catch(() => {});
    throw error;
  }
}

/** Whether it had nobody to wait for when it lined up. */
export function isFirst({ standing }: Place): boolean {
  return standing.kind === "first";
}

/**
 * Waits until nobody blocks `place`. Each waiter watches only whoever blocks it, and its own znode. If nobody else did when it was listed
 * the blocker's deletion alone makes us first: whoever lines up later stands behind. Else another may still be there: list again.
 *
 * @throws the session's end, the signal's reason, or the server's refusal
 */
export async function untilFirst(place: Place, signal: AbortSignal | undefined): Promise<Turn> {
  const { session, path, name, line } = place;
  let { standing } = place;
  let own: DeletionWatch | undefined;
  try {
    for (;;) {
      if (standing.kind === "missing" || own?.isGone) break;
      if (standing.kind === "first") return { kind: "first", watch: own };
      const gone = deletionOf(session, joinPath(line.directory, standing.blocker), signal);
      own ??= new DeletionWatch(session, path, gone.cancel);
      own.onDeleted = gone.cancel;
      await gone.done;
      if (own.isGone) break;
      if (standing.isLast) return { kind: "first", watch: own };
      standing = (await list(session, line.directory)).standingOf(name, line);
    }
  } catch (error) {
    own?.abandon();
    throw error;
  }
  own?.abandon();
  return { kind: "evicted" };
}

/** @returns `done`: resolves when the znode is gone or by `cancel()`; rejects with the session's end or the signal's reason */
function deletionOf(
  session: Session,
  path: string,
  signal: AbortSignal | undefined,
): { readonly done: Promise<void>; readonly cancel: () => void } {
  let cancel = (): void => {};
  const done = new Promise<void>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      offEnd();
      offAbort();
      watch.stop();
      finish();
    };
    const end = (): void => settle(() => reject(session.signal.reason));
    const abort = (): void => settle(() => reject(signal?.reason));
    cancel = () => settle(resolve);
    const offEnd = onAbort(session.signal, end);
    const offAbort = onAbort(signal, abort);
    const watch = new DeletionWatch(session, path, cancel);
    if (session.signal.aborted) end();
    else if (signal?.aborted) abort();
  });
  return { done, cancel };
}

function list(session: Session, directory: string): Promise<Listing> {
  return overLoss(() => shareListing(session, directory));
}
