import type { Client, Lease } from "@quorate/core";
import {
  type Bounds,
  type DeletionWatch,
  deleteOwn,
  NodeLease,
  type SuspendedPolicy,
  validatePath,
  within,
} from "@quorate/core/recipe";
import { isFirst, lineUp, type Place, untilFirst } from "./place.ts";

export interface MutexOptions {
  /**
   * What becomes of a held lock when the connection goes away while the session may live. Default `hold-until-deadline`: held up to
   * `lease.validUntil`.
   */
  readonly onSuspended?: SuspendedPolicy;
}

/**
 * A distributed lock: at most one holder at a time, first come first served, among everyone who uses the same path on the same ensemble.
 * The layout is Curator's `InterProcessMutex`: `<path>/_c_<uuid>-lock-<sequence>`, ephemeral.
 *
 * Not reentrant: a second `acquire()` waits for the first like anybody's.
 */
export class Mutex {
  readonly path: string;
  readonly #client: Client;
  readonly #onSuspended: SuspendedPolicy;

  /** @throws InvalidArgumentError on a bad path */
  constructor(client: Client, path: string, options: MutexOptions = {}) {
    validatePath(path, "lock");
    this.path = path;
    this.#client = client;
    this.#onSuspended = options.onSuspended ?? "hold-until-deadline";
  }

  /**
   * Waits until the lock is held. If the session is lost meanwhile it lines up again in the next one. When it rejects, whatever the reason,
   * no contender is left: it is removed in the background, at the latest by the end of the session.
   *
   * @throws TimeoutError, AbortedError by the bounds; ServerError such as NoAuthError; ClosedError
   */
  acquire(bounds: Bounds = {}): Promise<Lease> {
    return within(bounds, { op: "acquire", path: this.path }, async ({ signal }) => {
      for (;;) {
        const session = await this.#client.whenConnected({ signal });
        try {
          const lease = await this.#takeTurn(await lineUp(session, this.path), signal);
          if (lease !== undefined) return lease;
        } catch (error) {
          const lostSession = session.signal.aborted && signal?.aborted !== true && this.#client.state !== "closed";
          if (!lostSession) throw error;
        }
      }
    });
  }

  /**
   * Takes the lock if nobody holds it or waits for it. Never waits for another holder; the bounds are for the servers' answers.
   *
   * @returns undefined if the lock is taken; no contender is left then
   */
  tryAcquire(bounds: Bounds = {}): Promise<Lease | undefined> {
    return within(bounds, { op: "tryAcquire", path: this.path }, async ({ signal }) => {
      const place = await lineUp(await this.#client.whenConnected({ signal }), this.path);
      if (signal?.aborted !== true && isFirst(place)) return this.#lease(place, undefined);
      await deleteOwn(place.session, place.path);
      return undefined;
    });
  }

  /**
   * Runs `body` while holding the lock and gives it back afterwards. Waits for the body in any case; `lease.signal` tells it of a loss.
   *
   * @param bounds for the wait, not for the body
   * @throws what the body throws; LeaseLostError if the lock was lost before the body ended; as `acquire()`
   */
  async run<T>(body: (lease: Lease) => Promise<T> | T, bounds: Bounds = {}): Promise<T> {
    const lease = await this.acquire(bounds);
    try {
      const result = await body(lease);
      lease.assertHeld();
      return result;
    } finally {
      await lease[Symbol.asyncDispose]();
    }
  }

  /** @returns undefined if someone else deleted our znode while it waited */
  async #takeTurn(place: Place, signal: AbortSignal | undefined): Promise<Lease | undefined> {
    try {
      const turn = await untilFirst(place, signal);
      if (signal?.aborted === true) throw signal.reason;
      return turn.kind === "first" ? this.#lease(place, turn.watch) : undefined;
    } catch (error) {
      await deleteOwn(place.session, place.path).catch((cleanUpError: unknown) => {
        this.#client.logger.error(`could not leave the line of lock ${this.path}`, { error: cleanUpError });
      });
      throw error;
    }
  }

  #lease({ session, path, czxid }: Place, watch: DeletionWatch | undefined): Lease {
    return new NodeLease({
      session,
      path,
      fencingToken: czxid,
      subject: `lock ${this.path}`,
      onSuspended: this.#onSuspended,
      logger: this.#client.logger,
      watch,
    });
  }
}
