import { type Client, InvalidArgumentError, type Lease, SessionExpiredError } from "@quorate/core";
import {
  type Bounds,
  type DeletionWatch,
  deleteOwn,
  isFirst,
  lineUp,
  NodeLease,
  type Place,
  type SuspendedPolicy,
  untilFirst,
  validatePath,
  type WaitingLine,
  within,
} from "@quorate/core/recipe";

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
  /** The lock's directory. Made when needed, a container where the servers know such. */
  readonly path: string;
  readonly #client: Client;
  readonly #line: WaitingLine;
  readonly #onSuspended: SuspendedPolicy;

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, options: MutexOptions = {}) {
    validatePath(path, "lock");
    const { onSuspended = "hold-until-deadline" } = options;
    if (onSuspended !== "hold-until-deadline" && onSuspended !== "abort") {
      const message = `onSuspended ${JSON.stringify(onSuspended)} is neither "hold-until-deadline" nor "abort"`;
      throw new InvalidArgumentError(message, { op: "lock", path });
    }
    this.path = path;
    this.#client = client;
    this.#line = { directory: path, marker: "lock-" };
    this.#onSuspended = onSuspended;
  }

  /**
   * Waits until the lock is held. If the session is lost meanwhile it lines up again in the next one, as it does when someone else deletes
   * its znode. When it rejects, whatever the reason, no contender is left: it is removed in the background, at the latest by the end of the
   * session.
   *
   * @throws TimeoutError, AbortedError by the bounds; ServerError such as NoAuthError; ClosedError
   */
  acquire(bounds: Bounds = {}): Promise<Lease> {
    const acquire = async ({ signal }: Bounds): Promise<Lease> => {
      for (;;) {
        const session = await this.#client.whenConnected({ signal });
        try {
          const lease = await this.#takeTurn(await lineUp(session, this.#line), signal);
          if (lease !== undefined) return lease;
        } catch (error) {
          const isSessionLost = session.signal.aborted || error instanceof SessionExpiredError;
          if (!isSessionLost || signal?.aborted === true || this.#client.state === "closed") throw error;
        }
      }
    };
    return within(bounds, { op: "acquire", path: this.path }, acquire, giveBack);
  }

  /**
   * Takes the lock if nobody holds it or waits for it. Never waits for another holder, only for the servers: for a connection, and over
   * connection loss.
   *
   * @returns undefined if the lock is taken; no contender is left then
   * @throws as `acquire()`; SessionExpiredError if the session is lost meanwhile
   */
  tryAcquire(bounds: Bounds = {}): Promise<Lease | undefined> {
    const tryAcquire = async ({ signal }: Bounds): Promise<Lease | undefined> => {
      const place = await lineUp(await this.#client.whenConnected({ signal }), this.#line);
      if (isFirst(place)) return this.#lease(place, undefined);
      await deleteOwn(place.session, place.path);
      return undefined;
    };
    return within(bounds, { op: "tryAcquire", path: this.path }, tryAcquire, giveBack);
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

/** A lease that came when nobody waited for it any more. */
function giveBack(lease: Lease | undefined): void {
  void lease?.[Symbol.asyncDispose]();
}
