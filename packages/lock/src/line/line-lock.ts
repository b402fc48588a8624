import type { Client, Lease, Session, SuspendedPolicy } from "@quorate/core";
import {
  type DeletionWatch,
  deleteOwn,
  isFirst,
  lineUp,
  NodeLease,
  type Place,
  type WaitingLine,
} from "@quorate/core/recipe";
import { isLostOnTheWay } from "../support/lost-on-the-way.ts";
import { HoldMark } from "./hold-mark.ts";
import { RevocationWatch } from "./revocation.ts";
import { takeTurn } from "./take-turn.ts";

export interface LineLockOptions {
  readonly line: WaitingLine;
  /** For messages, such as `lock /locks/orders`. */
  readonly subject: string;
  /** Of the contender's znode. */
  readonly data: string;
  readonly onSuspended: SuspendedPolicy;
  /** Milliseconds a holder waits if the one before it was lost. Default: none, and no mark is kept that would tell. */
  readonly lockDelayMs?: number | undefined;
}

export interface HoldOptions {
  readonly signal: AbortSignal | undefined;
  /** Whether to wait for others. */
  readonly waits: boolean;
  readonly onRevoke?: ((lease: Lease) => unknown) | undefined;
  /** How the lease is given back. Default: the holder's znode is deleted. */
  readonly giveBack?: ((place: Place) => Promise<void>) | undefined;
}

/** A lock whose contenders stand in line: one znode each, held by whoever has nobody to wait for. */
export class LineLock {
  readonly client: Client;
  readonly line: WaitingLine;
  readonly #options: LineLockOptions;

  constructor(client: Client, options: LineLockOptions) {
    this.client = client;
    this.line = options.line;
    this.#options = options;
  }

  /**
   * Lines up in this session and waits until it holds.
   *
   * @returns undefined if the lock is taken and nobody is to be waited for, or if someone else deleted our znode
   */
  async hold(session: Session, options: HoldOptions): Promise<NodeLease | undefined> {
    const { path, name, czxid, standing } = await lineUp(session, this.line, { data: this.#options.data });
    // Without the listing: lines may be long.
    const place: Place = { session, line: this.line, path, name, czxid, standing };
    if (!options.waits && !isFirst(place)) {
      await deleteOwn(session, path);
      return undefined;
    }
    const turn = await takeTurn(place, options.signal, this.client.logger);
    if (turn.kind === "evicted") return undefined;
    const { lockDelayMs } = this.#options;
    return lockDelayMs === undefined
      ? this.#lease(place, turn.watch, options)
      : this.#afterDelay(place, turn.watch, lockDelayMs, options);
  }

  async #afterDelay(
    place: Place,
    watch: DeletionWatch | undefined,
    delayMs: number,
    options: HoldOptions,
  ): Promise<NodeLease | undefined> {
    const mark = new HoldMark(place);
    const lease = this.#lease(place, watch, { ...options, giveBack: () => mark.leave() });
    try {
      await mark.make(lease, { delayMs, signal: options.signal });
      return lease;
    } catch (error) {
      await lease[Symbol.asyncDispose]();
      if (options.signal?.aborted !== true && isLostOnTheWay(error, place.session)) return undefined;
      throw error;
    }
  }

  #lease(place: Place, watch: DeletionWatch | undefined, { onRevoke, giveBack }: HoldOptions): NodeLease {
    const { session, path } = place;
    const leave = giveBack === undefined ? undefined : () => giveBack(place);
    if (onRevoke === undefined) return this.#nodeLease(place, watch, leave);
    const revocation = new RevocationWatch(this.client, session, path);
    const lease = this.#nodeLease(place, watch, () => {
      revocation.stop();
      return leave === undefined ? deleteOwn(session, path) : leave();
    });
    revocation.follow(lease, () => onRevoke(lease));
    return lease;
  }

  #nodeLease(
    { session, path, czxid }: Place,
    watch: DeletionWatch | undefined,
    giveBack: (() => Promise<void>) | undefined,
  ): NodeLease {
    const { subject, onSuspended } = this.#options;
    const { logger } = this.client;
    return new NodeLease({ session, path, fencingToken: czxid, subject, onSuspended, logger, watch, giveBack });
  }
}
