import type { Session } from "@quorate/core";
import { DeletionWatch, deleteOwn, joinPath, nodeName } from "@quorate/core/recipe";
import { line, lockName } from "./line.ts";

/** A place in a lock's line: the contender's znode and the names it was listed with. */
export interface Place {
  readonly session: Session;
  /** The lock's directory. */
  readonly directory: string;
  readonly path: string;
  readonly name: string;
  readonly czxid: bigint;
  /** A listing of the directory taken after the znode was created. */
  readonly names: readonly string[];
}

/** How waiting ended: first in line, or the own znode was deleted by someone else. */
export type Turn = { readonly kind: "first"; readonly watch: DeletionWatch | undefined } | { readonly kind: "evicted" };

/**
 * Lines up. Create and listing leave in one write; a session's requests are served in order, so the listing includes the new znode: one
 * round trip.
 */
export async function lineUp(session: Session, directory: string): Promise<Place> {
  const creating = session.create(joinPath(directory, lockName), null, {
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
    const names = early.includes(name) ? early : await session.children(directory);
    return { session, directory, path, name, czxid: stat.czxid, names };
  } catch (error) {
    await deleteOwn(session, path).catch(() => {});
    throw error;
  }
}

export function isFirst({ names, name }: Place): boolean {
  return line(names)[0]?.name === name;
}

/**
 * Waits until nobody stands before `place`. Each waiter watches only its predecessor. If that one was the lowest when it was listed its
 * deletion alone makes us first: whoever lines up later stands behind. Else the one before it may still be there: list again.
 *
 * @throws the session's end, or the signal's reason
 */
export async function untilFirst(place: Place, signal: AbortSignal | undefined): Promise<Turn> {
  const { session, directory, path, name } = place;
  let { names } = place;
  let own: DeletionWatch | undefined;
  try {
    for (;;) {
      const contenders = line(names);
      const position = contenders.findIndex((contender) => contender.name === name);
      const predecessor = contenders[position - 1];
      if (position === -1) return { kind: "evicted" };
      if (predecessor === undefined) return { kind: "first", watch: own };
      const next = await new Promise<"handed-over" | "evicted">((resolve, reject) => {
        const finish = (settle: () => void): void => {
          session.signal.removeEventListener("abort", onEnd);
          signal?.removeEventListener("abort", onAbort);
          before.stop();
          settle();
        };
        const onEnd = (): void => finish(() => reject(session.signal.reason));
        const onAbort = (): void => finish(() => reject(signal?.reason));
        const onEvicted = (): void => finish(() => resolve("evicted"));
        session.signal.addEventListener("abort", onEnd, { once: true });
        signal?.addEventListener("abort", onAbort, { once: true });
        const before = new DeletionWatch(session, joinPath(directory, predecessor.name), () =>
          finish(() => resolve("handed-over")),
        );
        own ??= new DeletionWatch(session, path, onEvicted);
        own.onDeleted = onEvicted;
        if (session.signal.aborted) onEnd();
        else if (signal?.aborted) onAbort();
      });
      if (next === "evicted") return { kind: "evicted" };
      if (position === 1) return { kind: "first", watch: own };
      names = await session.children(directory);
    }
  } catch (error) {
    own?.abandon();
    throw error;
  }
}
