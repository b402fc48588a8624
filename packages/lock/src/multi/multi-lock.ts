import { type Client, InvalidArgumentError, type Lease, type Session } from "@quorate/core";
import { type Bounds, JointLease, type NodeLease, onAbort, validatePath } from "@quorate/core/recipe";
import type { LineLock } from "../line/line-lock.ts";
import { type LineOptions, mutexLine } from "../line/mutex-line.ts";
import { Lock } from "../support/lock.ts";
import { throughSessions } from "../support/through-sessions.ts";

/**
 * Several locks as one lease: its signal aborts as soon as one of them is lost, its transactions check every holder's znode.
 * `fencingToken` is the greatest of the locks'; it grows among those who take the same locks.
 */
export interface MultiLease extends Lease {
  /** The token of each lock by its path: for what is guarded by one of them alone. */
  readonly fencingTokens: ReadonlyMap<string, bigint>;
}

/**
 * Several mutexes held together: all or none. They are taken one after the other in the order of their paths, whatever order they are given
 * in, so that no two of these wait for each other. Shares its locks with `Mutex`, whose `admit` and `lockDelayMs` it takes as well: each of the
 * locks is given by its own rules.
 */
export class MultiLock extends Lock<Bounds, MultiLease> {
  /** In the order they are taken. */
  readonly paths: readonly string[];
  readonly #locks: readonly LineLock[];

  /** @throws InvalidArgumentError on no path, the same one twice, a bad path or option */
  constructor(client: Client, paths: readonly string[], options: LineOptions = {}) {
    const [first, ...others] = [...paths].sort();
    if (first === undefined) throw new InvalidArgumentError("no paths to lock", { op: "lock" });
    super(client, first, options);
    this.paths = [first, ...others];
    const { onSuspended } = this;
    this.#locks = this.paths.map((path, index) => {
      if (path === this.paths[index + 1]) throw new InvalidArgumentError("the same lock twice", { op: "lock", path });
      validatePath(path, "lock");
      return mutexLine(client, path, { ...options, onSuspended });
    });
  }

  protected override take(_options: Bounds, signal: AbortSignal | undefined): Promise<MultiLease> {
    return throughSessions(this.client, signal, (session) => this.#holdAll(session, signal, true));
  }

  protected override async tryTake(_options: Bounds, signal: AbortSignal | undefined): Promise<MultiLease | undefined> {
    return this.#holdAll(await this.client.whenConnected({ signal }), signal, false);
  }

  /** @returns undefined if one of them is taken and not to be waited for, or was lost while waiting for another; none is held then */
  async #holdAll(session: Session, signal: AbortSignal | undefined, waits: boolean): Promise<MultiLease | undefined> {
    const held: NodeLease[] = [];
    const ending = new AbortController();
    const offs = [onAbort(signal, () => ending.abort(signal?.reason))];
    const isLost = (): boolean => held.some((lease) => lease.signal.aborted);
    try {
      signal?.throwIfAborted();
      for (const lock of this.#locks) {
        const lease = isLost() ? undefined : await lock.hold(session, { signal: ending.signal, waits });
        if (lease === undefined) return await givenBack(held);
        held.push(lease);
        offs.push(onAbort(lease.signal, () => ending.abort(lease.signal.reason)));
      }
      if (isLost()) return await givenBack(held);
    } catch (error) {
      const isEvicted = isLost() && !session.signal.aborted && signal?.aborted !== true;
      await givenBack(held);
      if (isEvicted) return undefined;
      throw error;
    } finally {
      for (const off of offs) off();
    }
    const fencingTokens = new Map(held.map(({ fencingToken }, index) => [this.paths[index] as string, fencingToken]));
    return Object.assign(new JointLease(session, held), { fencingTokens });
  }
}

/** Last taken, first given back. Failures are logged: the first error is the one to tell. */
async function givenBack(held: readonly NodeLease[]): Promise<undefined> {
  await Promise.all(held.toReversed().map((lease) => lease[Symbol.asyncDispose]()));
  return undefined;
}
