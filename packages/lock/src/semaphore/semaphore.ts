import { type Client, InvalidArgumentError, type Lease, type Session } from "@quorate/core";
import {
  type Bounds,
  deleteOwn,
  isFirst,
  JointLease,
  joinPath,
  lineUp,
  NodeLease,
  type Place,
  type WaitingLine,
} from "@quorate/core/recipe";
import { contenderData, contendersIn, type LockContender } from "../line/contender.ts";
import { takeTurn } from "../line/take-turn.ts";
import { Lock, type LockOptions } from "../support/lock.ts";
import { isLostOnTheWay } from "../support/lost-on-the-way.ts";
import { throughSessions } from "../support/through-sessions.ts";
import { checkCount, checkLimit, type SharedLimit, writeLimit } from "./limit.ts";
import { type Count, isRoom, Permits, permitMarker } from "./permits.ts";

export interface SemaphoreOptions extends LockOptions {
  /** How many permits there are: a number that all users agree on, or where it is kept. */
  readonly limit: number | SharedLimit;
}

export interface SemaphoreAcquireOptions extends Bounds {
  /** How many to take, all or none. Default 1. */
  readonly permits?: number;
}

/**
 * So many permits among everyone who uses the same path, first come first served: who wants many is not overtaken by who wants few. The layout
 * is Curator's `InterProcessSemaphoreV2`: whoever is first in line at `<path>/locks` takes its permits, one znode each below
 * `<path>/leases`, as soon as there are enough.
 */
export class Semaphore extends Lock<SemaphoreAcquireOptions> {
  readonly #line: WaitingLine;
  readonly #permitLine: WaitingLine;
  readonly #permits: Permits;
  readonly #limit: number | SharedLimit;
  readonly #data: string;

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, options: SemaphoreOptions) {
    super(client, path, options);
    const { limit, id } = options;
    checkLimit(limit, path);
    this.#limit = limit;
    this.#data = contenderData(id);
    this.#line = { directory: joinPath(path, "locks"), marker: "lock-" };
    this.#permitLine = { directory: joinPath(path, "leases"), marker: permitMarker };
    this.#permits = new Permits(client, { directory: this.#permitLine.directory, limit, data: this.#data });
  }

  /** The permits that are taken: one entry for each, oldest first. */
  holders(bounds: Bounds = {}): Promise<LockContender[]> {
    return contendersIn(this.client, this.#permitLine, bounds);
  }

  /** Who waits for permits, the next one first. */
  queue(bounds: Bounds = {}): Promise<LockContender[]> {
    return contendersIn(this.client, this.#line, bounds);
  }

  /**
   * Changes the shared limit for everybody. Raising it wakes who waits; lowering it takes nothing away but keeps others out until fewer are
   * taken.
   *
   * @throws InvalidArgumentError if the limit is a fixed one
   */
  async setLimit(limit: number, bounds: Bounds = {}): Promise<void> {
    checkCount(limit, "limit", this.path);
    if (typeof this.#limit === "number") {
      throw new InvalidArgumentError("a fixed limit cannot be changed", { op: "setLimit", path: this.path });
    }
    await writeLimit(this.client, this.#limit.path, limit, bounds);
  }

  protected override async take(options: SemaphoreAcquireOptions, signal: AbortSignal | undefined): Promise<Lease> {
    const permits = this.#checked(options);
    return throughSessions(this.client, signal, (session) => this.#hold(session, permits, { signal, waits: true }));
  }

  protected override async tryTake(
    options: SemaphoreAcquireOptions,
    signal: AbortSignal | undefined,
  ): Promise<Lease | undefined> {
    const permits = this.#checked(options);
    return this.#hold(await this.client.whenConnected({ signal }), permits, { signal, waits: false });
  }

  #checked({ permits = 1 }: SemaphoreAcquireOptions): number {
    checkCount(permits, "permits", this.path, 1);
    if (typeof this.#limit !== "number" || permits <= this.#limit) return permits;
    const message = `${permits} permits are more than the limit, ${this.#limit}`;
    throw new InvalidArgumentError(message, { op: "acquire", path: this.path });
  }

  /** @returns undefined if there is no room and it is not to be waited for, or if someone else deleted our znode in the line */
  async #hold(
    session: Session,
    permits: number,
    { signal, waits }: { readonly signal: AbortSignal | undefined; readonly waits: boolean },
  ): Promise<Lease | undefined> {
    let counting: Promise<Count> | undefined;
    // Behind the listing: whoever is first by that counts what nobody else can change.
    const onListing = (): void => {
      counting = this.#permits.count(session);
      counting.catch(() => {});
    };
    const { path, name, czxid, standing } = await lineUp(session, this.#line, { data: this.#data, onListing });
    const place: Place = { session, line: this.#line, path, name, czxid, standing };
    const isAtOnce = isFirst(place);
    if (!waits && !isAtOnce) {
      await deleteOwn(session, path);
      return undefined;
    }
    const turn = await takeTurn(place, signal, this.client.logger);
    if (turn.kind === "evicted") return undefined;
    const gate = this.#lease(place, turn.watch);
    try {
      let isFree = isAtOnce && counting !== undefined && isRoom(await counting, permits);
      for (;;) {
        if (!isFree && !waits) break;
        if (!isFree) await this.#permits.untilFree(session, permits, [signal, gate.signal]);
        const leases = await this.#take(session, permits, gate);
        if (leases !== undefined) {
          // Not waited for: it is the next one's turn all the same.
          void gate[Symbol.asyncDispose]();
          return leases;
        }
        isFree = false;
      }
    } catch (error) {
      await gate[Symbol.asyncDispose]();
      if (signal?.aborted !== true && isLostOnTheWay(error, session)) return undefined;
      throw error;
    }
    await gate[Symbol.asyncDispose]();
    return undefined;
  }

  async #take(session: Session, permits: number, gate: NodeLease): Promise<Lease | undefined> {
    gate.assertHeld();
    const taken = await this.#permits.take(session, permits);
    const leases = taken?.map(({ path, stat }) => this.#lease({ session, path, czxid: stat.czxid }));
    const [only, ...others] = leases ?? [];
    return leases === undefined || (only !== undefined && others.length === 0) ? only : new JointLease(session, leases);
  }

  #lease({ session, path, czxid }: Pick<Place, "session" | "path" | "czxid">, watch?: NodeLeaseWatch): NodeLease {
    const { onSuspended } = this;
    const { logger } = this.client;
    const subject = `semaphore ${this.path}`;
    return new NodeLease({ session, path, fencingToken: czxid, subject, onSuspended, logger, watch });
  }
}

type NodeLeaseWatch = ConstructorParameters<typeof NodeLease>[0]["watch"];
