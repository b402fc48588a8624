import { onAbort } from "../bounds/on-abort.ts";
import { deleteOwn } from "../lease/delete-own.ts";
import type { Data } from "../operations/data.ts";
import { joinPath, nodeName } from "../paths/path.ts";
import type { Session } from "../session/session.ts";
import { DeletionWatch } from "./deletion-watch.ts";
import { overLoss } from "./over-loss.ts";
import { inOrder, type WaitingLine } from "./waiting-line.ts";

/** A place in a line: the contender's znode and the names it was listed with. */
export interface Place {
  readonly session: Session;
  readonly line: WaitingLine;
  readonly path: string;
  readonly name: string;
  readonly czxid: bigint;
  /** A listing of the directory taken after the znode was created. */
  readonly names: readonly string[];
}

/** How waiting ended: first in line, or the own znode was deleted by someone else. */
export type Turn = { readonly kind: "first"; readonly watch: DeletionWatch | undefined } | { readonly kind: "evicted" };

export interface LineUpOptions {
  /** The name before the sequence number, ending with the line's marker. Default the marker alone. */
  readonly name?: string | undefined;
  /** The znode's data. Default none. */
  readonly data?: Data;
}

/**
 * Lines up. Create and listing leave in one write; a session's requests are served in order, so the listing includes the new znode: one
 * round trip. Connection loss is overcome; what was created is removed if the listing is refused.
 *
 * @throws the server's refusal, or the session's end
 */
export async function lineUp(session: Session, line: WaitingLine, options: LineUpOptions = {}): Promise<Place> {
  const { directory, marker } = line;
  const creating = session.create(joinPath(directory, options.name ?? marker), options.data, {
    mode: "ephemeral-sequential",
    protected: true,
    parents: "container",
  });
  const listing = session.children(directory).catch(() => []);
  const { path, stat } = await creating;
  const name = nodeName(path);
  try {
    const early: readonly string[] = await listing;
    // The create went twice, for missing parents or a lost answer: then the listing was too early.
    const names = early.includes(name) ? early : await list(session, directory);
    return { session, line, path, name, czxid: stat.czxid, names };
  } catch (error) {
    await deleteOwn(session, path).catch(() => {});
    throw error;
  }
}

export function isFirst({ names, name, line }: Place): boolean {
  return inOrder(names, line.marker)[0]?.name === name;
}

/**
 * Waits until nobody stands before `place`. Each waiter watches only its predecessor, and its own znode. If the predecessor was the lowest
 * when it was listed its deletion alone makes us first: whoever lines up later stands behind. Else the one before it may still be there:
 * list again.
 *
 * @throws the session's end, the signal's reason, or the server's refusal
 */
export async function untilFirst(place: Place, signal: AbortSignal | undefined): Promise<Turn> {
  const { session, path, name } = place;
  const { directory, marker } = place.line;
  let { names } = place;
  let own: DeletionWatch | undefined;
  try {
    for (;;) {
      const contenders = inOrder(names, marker);
      const position = contenders.findIndex((contender) => contender.name === name);
      const predecessor = contenders[position - 1];
      if (position === -1 || own?.isGone) break;
      if (predecessor === undefined) return { kind: "first", watch: own };
      const gone = deletionOf(session, joinPath(directory, predecessor.name), signal);
      own ??= new DeletionWatch(session, path, gone.cancel);
      own.onDeleted = gone.cancel;
      await gone.done;
      if (own.isGone) break;
      if (position === 1) return { kind: "first", watch: own };
      names = await list(session, directory);
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

function list(session: Session, directory: string): Promise<readonly string[]> {
  return overLoss(() => session.children(directory));
}
