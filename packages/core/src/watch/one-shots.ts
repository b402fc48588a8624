import { WatcherType } from "@quorate/protocol";
import type { WatchEvent } from "../driver/driver.ts";
import { NoNodeError } from "../errors/server-errors.ts";
import type { Logger } from "../logger.ts";
import type { SessionLink } from "../session/session-link.ts";
import { firesOn, type OneShot, type OneShotKind, type OneShotReplies, readWatched, statOf } from "./one-shot.ts";
import type { Removals } from "./removals.ts";
import { changesBetween, type Version } from "./stat-changes.ts";

export interface OneShotsOptions {
  readonly removals: Removals;
  readonly logger: Logger;
  /** Whether a persistent watch of this path is held or asked for, and so tells of everything a one-shot watch would. */
  isCovered(path: string): boolean;
  /** Told of each path that lost its last listener. */
  released(path: string): void;
}

interface Shot {
  readonly link: SessionLink;
  readonly kind: OneShotKind;
  readonly path: string;
  readonly listener: (event: WatchEvent) => void;
  isAnswered: boolean;
  /** An event that came before the answer: whether the read saw that change already cannot be known. */
  early: WatchEvent | undefined;
  /**
   * Set if no watch of its own was left, because a persistent one covers the path. The servers up to 3.8 keep one mode for a path
   * (ZOOKEEPER-4466): asking for a one-shot watch would degrade the persistent one to that.
   */
  riding: { baseline: Version | undefined } | undefined;
}

/** One-shot watches of one client: each tells one listener of one event, in the session it was asked in. */
export class OneShots {
  readonly #options: OneShotsOptions;
  readonly #shots = new Map<string, Set<Shot>>();
  readonly #riders = new Set<Shot>();

  constructor(options: OneShotsOptions) {
    this.#options = options;
  }

  has(path: string): boolean {
    return this.#shots.has(path);
  }

  /** Sends the read before it returns. */
  once<Kind extends OneShotKind>(
    link: SessionLink,
    { kind, path }: { readonly kind: Kind; readonly path: string },
    listener: (event: WatchEvent) => void,
  ): OneShot<Kind> {
    const isCovered = this.#options.isCovered(path);
    const riding = isCovered ? { baseline: undefined } : undefined;
    const shot: Shot = { link, kind, path, listener, isAnswered: false, early: undefined, riding };
    this.#add(shot);
    const reply = readWatched(link, kind, path, !isCovered).then(
      (answer) => {
        this.#answered(shot, answer);
        return answer;
      },
      (error: unknown) => {
        this.#drop(shot);
        throw error;
      },
    );
    return {
      reply,
      cancel: () => {
        reply.catch(() => {});
        if (this.#drop(shot)) this.#unwatch(shot);
      },
    };
  }

  dispatch(event: WatchEvent): void {
    const shots = this.#shots.get(event.path);
    if (shots === undefined) return;
    for (const shot of [...shots]) {
      if (!firesOn(shot.kind, event.type)) continue;
      if (shot.isAnswered) this.#fire(shot, event);
      else shot.early ??= event;
    }
  }

  /** A persistent watch tells nothing of the time it was away: those who relied on one look what happened. */
  reconnected(): void {
    for (const shot of this.#riders) this.#verify(shot);
  }

  /** The persistent watch these relied on was refused: each gets a watch of its own. */
  uncovered(path: string): void {
    for (const shot of this.#shots.get(path) ?? []) this.#verify(shot);
  }

  /** The session ended: no listener of it is ever called. */
  clear(): void {
    this.#shots.clear();
    this.#riders.clear();
  }

  #add(shot: Shot): void {
    const shots = this.#shots.get(shot.path);
    if (shots === undefined) this.#shots.set(shot.path, new Set([shot]));
    else shots.add(shot);
    if (shot.riding !== undefined) this.#riders.add(shot);
  }

  /** False if it was gone. */
  #drop(shot: Shot): boolean {
    const shots = this.#shots.get(shot.path);
    if (shots?.delete(shot) !== true) return false;
    this.#riders.delete(shot);
    if (shots.size > 0) return true;
    this.#shots.delete(shot.path);
    this.#options.released(shot.path);
    return true;
  }

  #answered(shot: Shot, answer: OneShotReplies[OneShotKind]): void {
    shot.isAnswered = true;
    if (shot.early !== undefined) return this.#fire(shot, shot.early);
    if (shot.riding === undefined) return;
    shot.riding.baseline = statOf(answer);
    if (!this.#options.isCovered(shot.path)) this.#verify(shot);
  }

  #fire(shot: Shot, event: WatchEvent): void {
    if (!this.#drop(shot)) return;
    try {
      shot.listener(event);
    } catch (error) {
      this.#options.logger.error("a listener of a one-shot watch threw", { error });
    }
  }

  /** Looks what a rider has missed, and leaves a watch of its own if nothing covers the path any more. */
  #verify(shot: Shot): void {
    const { link, kind, path, riding } = shot;
    if (riding === undefined || !shot.isAnswered) return;
    const watch = !this.#options.isCovered(path);
    const compare = (now: Version | undefined): void => {
      if (watch) {
        shot.riding = undefined;
        this.#riders.delete(shot);
      }
      const [change] = changesBetween(kind === "children" ? "children" : "data", riding.baseline, now);
      if (change !== undefined) this.#fire(shot, { ...change, path });
    };
    readWatched(link, kind, path, watch).then(
      (answer) => compare(statOf(answer)),
      (error: unknown) => {
        if (error instanceof NoNodeError) compare(undefined);
        // After a connection loss the next reconnect looks again. A refusal leaves the last known state to stand.
      },
    );
  }

  /** What the server still holds for it, unless someone else there needs it. */
  #unwatch(shot: Shot): void {
    const { path, kind, link } = shot;
    if (shot.riding !== undefined || this.#options.isCovered(path)) return;
    const isSame = (other: OneShotKind): boolean => (other === "children") === (kind === "children");
    for (const other of this.#shots.get(path) ?? []) {
      if (isSame(other.kind)) return;
    }
    this.#options.removals.remove(link, path, kind === "children" ? WatcherType.children : WatcherType.data);
  }
}
