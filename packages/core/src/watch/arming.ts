import { AddWatchMode } from "@quorate/protocol";
import type { SessionLink } from "../session/session-link.ts";
import { childrenSource } from "./fallback/children-source.ts";
import { nodeSource } from "./fallback/node-source.ts";
import type { Source, SourceContext, SourceEvents } from "./fallback/source.ts";
import { treeSource } from "./fallback/tree-source.ts";
import type { Subscription } from "./subscription.ts";
import { tells, type WatchMode, type ZnodeChange } from "./znode-event.ts";

/** What the session at hand offers. */
export interface ArmingContext extends Omit<SourceContext, "link"> {
  /** Undefined between two sessions. */
  readonly link: SessionLink | undefined;
  /** Whether there are no persistent watches: the driver has none, or a server of this session said that it knows none. */
  isUnsupported: boolean;
  /** The path's persistent watch, on which one-shot watches rely, was refused. */
  uncovered(path: string): void;
  /** Nobody is left. */
  abandoned(arming: Arming): void;
}

/** How far a persistent watch reaches; the farther one tells everything the nearer one does. */
const nothing = 0;
const node = 1;
const tree = 2;
type Reach = typeof nothing | typeof node | typeof tree;

const sources: Readonly<Record<WatchMode, (context: SourceContext, path: string, events: SourceEvents) => Source>> = {
  node: nodeSource,
  children: childrenSource,
  recursive: treeSource,
};

interface RunningSource {
  readonly source: Source;
  isReady: boolean;
}

/**
 * The one watch at the server for a path, shared by everybody in this client who follows it. The servers up to 3.8 keep one mode for a
 * path and connection (ZOOKEEPER-4466), so that it only ever widens: from persistent to recursive, which then serves all.
 */
export class Arming {
  readonly path: string;
  readonly #context: ArmingContext;
  readonly #members = new Set<Subscription>();
  readonly #sources = new Map<WatchMode, RunningSource>();
  /** Confirmed by the server in this session. */
  #held: Reach = nothing;
  /** The farthest asked for and not answered. */
  #asked: Reach = nothing;

  constructor(path: string, context: ArmingContext) {
    this.path = path;
    this.#context = context;
  }

  get isUsed(): boolean {
    return this.#members.size > 0;
  }

  /** Whether the server has, or is about to have, a persistent watch here. */
  get isPersistent(): boolean {
    return this.#held !== nothing || this.#asked !== nothing;
  }

  /** Whether changes to the list of children are told by the children themselves. */
  get derivesChildren(): boolean {
    return this.#held === tree || this.#asked === tree;
  }

  /** A list change told by the server is known from the child already. While that is not certain, twice is better than never. */
  get ignoresChildren(): boolean {
    return this.#held === tree;
  }

  join(member: Subscription): void {
    this.#members.add(member);
    this.#require(member);
  }

  leave(member: Subscription): void {
    this.#members.delete(member);
    if (this.#sources.has(member.mode) && this.#membersOf(member.mode).length === 0) this.#closeSource(member.mode);
    if (!this.isUsed) this.#context.abandoned(this);
  }

  sessionStarted(): void {
    this.#requireAll();
  }

  reconnected(): void {
    for (const member of this.#members) {
      const isServed = this.#context.isUnsupported ? member.isArmed : reachOf(member.mode) <= this.#held;
      if (isServed) member.rearmed();
    }
    this.#requireAll();
  }

  sessionEnded(): void {
    this.#held = nothing;
    this.#asked = nothing;
    for (const mode of this.#sources.keys()) this.#closeSource(mode);
    for (const member of this.#members) member.disarmed();
  }

  close(error: Error): void {
    for (const mode of this.#sources.keys()) this.#closeSource(mode);
    for (const member of this.#members) member.end(error);
  }

  /** Something happened to the path itself. One-shot watches standing behind this one tell by themselves. */
  deliver({ type, path, zxid }: ZnodeChange): void {
    if (!this.isPersistent) return;
    for (const member of this.#members) {
      if (tells(member.mode, type)) member.deliver(type, path, zxid);
    }
  }

  /** Something happened to a znode below. */
  deliverBelow({ type, path, zxid }: ZnodeChange): void {
    if (!this.isPersistent) return;
    for (const member of this.#members) {
      if (member.mode === "recursive") member.deliver(type, path, zxid);
    }
  }

  #requireAll(): void {
    // The widest first: it serves the others too.
    const members = [...this.#members].sort((a, b) => reachOf(b.mode) - reachOf(a.mode));
    for (const member of members) this.#require(member);
  }

  #require(member: Subscription): void {
    const { link, isUnsupported } = this.#context;
    if (member.isArmed || link?.connected !== true) return;
    const reach = reachOf(member.mode);
    if (isUnsupported) this.#fallBack(link, member);
    else if (reach <= this.#held) member.armed();
    else if (reach > this.#asked) this.#ask(link, reach);
  }

  #ask(link: SessionLink, reach: Reach): void {
    this.#asked = reach;
    const mode = reach === tree ? AddWatchMode.persistentRecursive : AddWatchMode.persistent;
    link.request({ op: "addWatch", path: this.path, mode }).then(
      () => this.#answered(link, reach, undefined),
      (error: Error) => this.#answered(link, reach, error),
    );
  }

  #answered(link: SessionLink, reach: Reach, error: Error | undefined): void {
    if (this.#context.link !== link) return;
    if (this.#asked === reach) this.#asked = nothing;
    if (error !== undefined) return this.#refused(error, reach);
    if (reach > this.#held) this.#held = reach;
    for (const member of this.#members) {
      if (reachOf(member.mode) <= this.#held) member.armed();
    }
  }

  #refused(error: Error, reach: Reach): void {
    const { code } = error as { readonly code?: unknown };
    if (code === "UNSUPPORTED") {
      this.#context.isUnsupported = true;
      this.#requireAll();
    } else if (code === "CONNECTION_LOSS" || code === "SESSION_EXPIRED" || code === "CLOSED") {
      // The next connection or session asks again.
      return;
    } else {
      for (const member of this.#members) {
        const needed = reachOf(member.mode);
        if (needed > this.#held && needed <= reach) member.fail(error);
      }
    }
    if (!this.isPersistent) this.#context.uncovered(this.path);
  }

  #fallBack(link: SessionLink, member: Subscription): void {
    const { mode } = member;
    const running = this.#sources.get(mode);
    if (running === undefined) this.#sources.set(mode, this.#startSource(link, mode));
    else if (running.isReady) member.armed();
  }

  #startSource(link: SessionLink, mode: WatchMode): RunningSource {
    const context: SourceContext = { link, once: (...read) => this.#context.once(...read) };
    const source = sources[mode](context, this.path, {
      change: (type, path, zxid) => {
        for (const member of this.#membersOf(mode)) member.deliver(type, path, zxid);
      },
      ready: () => {
        running.isReady = true;
        for (const member of this.#membersOf(mode)) member.armed();
      },
      failed: (error) => {
        for (const member of this.#membersOf(mode)) member.fail(error);
      },
    });
    const running = { source, isReady: false };
    return running;
  }

  #membersOf(mode: WatchMode): Subscription[] {
    return [...this.#members].filter((member) => member.mode === mode);
  }

  #closeSource(mode: WatchMode): void {
    this.#sources.get(mode)?.source.close();
    this.#sources.delete(mode);
  }
}

function reachOf(mode: WatchMode): Reach {
  return mode === "recursive" ? tree : node;
}
