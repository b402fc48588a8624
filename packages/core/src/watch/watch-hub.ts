import { WatcherType } from "@quorate/protocol";
import { checkBounds } from "../bounds/bounded.ts";
import { shown } from "../bounds/options.ts";
import type { WatchEvent } from "../driver/driver.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { isWithin, parentPath } from "../paths/path.ts";
import type { SessionLink } from "../session/session-link.ts";
import { Arming, type ArmingContext } from "./arming.ts";
import type { OneShot, OneShotKind } from "./one-shot.ts";
import { OneShots } from "./one-shots.ts";
import { Removals } from "./removals.ts";
import { Subscription } from "./subscription.ts";
import type { Watch, WatchOptions } from "./watch.ts";

export interface WatchHubOptions {
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

export interface HubWatchOptions extends WatchOptions {
  /** From the server's paths to those of the application, for everything the watch tells. Default: unchanged. */
  readonly toClient?: ((path: string) => string) | undefined;
}

const defaultBufferSize = 1024;

/**
 * All watches of one client, in the server's paths. It lives across sessions: whoever owns it tells it of each session's start and end and
 * of each reconnect, and passes the driver's watch events on.
 */
export class WatchHub {
  readonly #logger: Logger;
  readonly #removals = new Removals();
  readonly #armings = new Map<string, Arming>();
  readonly #oneShots: OneShots;
  readonly #context: Context;
  #closed: Error | undefined;

  constructor(options: WatchHubOptions = {}) {
    this.#logger = options.logger ?? silentLogger;
    this.#oneShots = new OneShots({
      removals: this.#removals,
      logger: this.#logger,
      isCovered: (path) => this.#armings.get(path)?.isPersistent === true,
      released: (path) => this.#tidy(path),
    });
    this.#context = {
      link: undefined,
      isUnsupported: false,
      once: (...read) => this.once(...read),
      uncovered: (path) => this.#oneShots.uncovered(path),
      abandoned: ({ path }) => this.#tidy(path),
    };
  }

  /** A new session is served for the first time: every watch is armed in it. */
  sessionStarted(link: SessionLink): void {
    this.#context.link = link;
    // Known beforehand, so that the first read that watches leaves at once.
    this.#context.isUnsupported = !link.capabilities.has("persistent-watches");
    for (const arming of [...this.#armings.values()]) arming.sessionStarted();
  }

  /** The session is served again, the driver's own re-arming under way. */
  reconnected(): void {
    const { link } = this.#context;
    if (link === undefined) return;
    this.#removals.reconnected(link, (path) => this.#armings.has(path) || this.#oneShots.has(path));
    for (const arming of [...this.#armings.values()]) arming.reconnected();
    this.#oneShots.reconnected();
  }

  sessionEnded(): void {
    this.#context.link = undefined;
    this.#oneShots.clear();
    for (const arming of [...this.#armings.values()]) {
      arming.sessionEnded();
      if (!arming.isUsed) this.#armings.delete(arming.path);
    }
    this.#removals.clear();
  }

  /** The client is closed: every watch finishes, and those made from now on finish at once. */
  close(error: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#context.link = undefined;
    this.#oneShots.clear();
    for (const arming of [...this.#armings.values()]) arming.close(error);
    this.#armings.clear();
    this.#removals.clear();
  }

  /** What the driver tells. */
  dispatch(event: WatchEvent): void {
    const arming = this.#armings.get(event.path);
    if (event.type === "childrenChanged" && arming?.ignoresChildren === true) return;
    this.#oneShots.dispatch(event);
    arming?.deliver(event);
    if (event.type !== "childrenChanged") this.#dispatchUpwards(event);
  }

  /**
   * Follows a path. While a server is connected the request to arm it is sent before this returns.
   *
   * @throws InvalidArgumentError
   */
  watch(path: string, options: HubWatchOptions = {}): Watch {
    const { toClient = (same) => same, signal } = options;
    const subject = { op: "watch", path: toClient(path) };
    checkBounds({ signal }, subject);
    const { mode = "node", bufferSize = defaultBufferSize } = options;
    const { watchAt = path } = options;
    if (!Number.isInteger(bufferSize) || bufferSize < 1) {
      throw new InvalidArgumentError(`bufferSize ${shown(bufferSize)} is not a whole number from 1 up`, subject);
    }
    if (mode !== "node" && mode !== "children" && mode !== "recursive") {
      throw new InvalidArgumentError(`mode ${shown(mode)} is not "node", "children" or "recursive"`, subject);
    }
    if (watchAt !== path && (mode !== "recursive" || !isWithin(path, watchAt))) {
      throw new InvalidArgumentError(
        `watchAt ${JSON.stringify(watchAt)} is not above ${path}, or mode not "recursive"`,
        {
          op: "watch",
        },
      );
    }
    const member = new Subscription(path, {
      mode,
      bufferSize,
      signal,
      toClient,
      isConnected: () => this.#context.link?.connected === true,
      ended: (subscription) => this.#armings.get(watchAt)?.leave(subscription),
    });
    if (this.#closed !== undefined) member.end(this.#closed);
    else if (signal?.aborted === true) member.abort();
    else this.#arming(watchAt).join(member);
    return member;
  }

  /**
   * Reads, leaves a one-shot watch with that and calls `listener` at the next event of the path, once, in this session; if the session ends
   * before, never (see `link.signal`). An event that comes just before the answer may count. The request is sent before this returns.
   */
  once<Kind extends OneShotKind>(
    link: SessionLink,
    read: { readonly kind: Kind; readonly path: string },
    listener: (event: WatchEvent) => void,
  ): OneShot<Kind> {
    return this.#oneShots.once(link, read, listener);
  }

  #arming(path: string): Arming {
    let arming = this.#armings.get(path);
    if (arming === undefined) {
      arming = new Arming(path, this.#context);
      this.#armings.set(path, arming);
    }
    return arming;
  }

  /** To the recursive watches above, and as a changed list to those who follow the parent's children. */
  #dispatchUpwards(event: WatchEvent): void {
    const parent = parentPath(event.path);
    for (let path = event.path; path !== "/"; ) {
      path = parentPath(path);
      const arming = this.#armings.get(path);
      if (arming === undefined) continue;
      arming.deliverBelow(event);
      if (path !== parent || event.type === "dataChanged" || !arming.derivesChildren) continue;
      const derived: WatchEvent = { type: "childrenChanged", path, zxid: event.zxid };
      this.#oneShots.dispatch(derived);
      arming.deliver(derived);
    }
  }

  /** Takes a persistent watch nobody needs any more from the server. */
  #tidy(path: string): void {
    const arming = this.#armings.get(path);
    if (arming === undefined || arming.isUsed || this.#oneShots.has(path)) return;
    this.#armings.delete(path);
    const { link } = this.#context;
    if (link !== undefined && arming.isPersistent) this.#removals.remove(link, path, WatcherType.any);
  }
}

type Context = { -readonly [Key in keyof ArmingContext]: ArmingContext[Key] };
