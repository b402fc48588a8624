import { type Client, InvalidArgumentError, type Lease, type SuspendedPolicy } from "@quorate/core";
import { type Bounds, validatePath, within } from "@quorate/core/recipe";

export interface LockOptions {
  /**
   * What becomes of a held lock when the connection goes away while the session may live. Default `hold-until-deadline`: held up to
   * `lease.validUntil`.
   */
  readonly onSuspended?: SuspendedPolicy;
  /** Who contends, for those who look at the lock. Default `<pid>@<host name>`. */
  readonly id?: string;
}

/** What every lock can be asked for. */
export abstract class Lock<Options extends Bounds = Bounds, Held extends Lease = Lease> {
  /** Where its znodes are. Made when needed, a container where the servers know such. */
  readonly path: string;
  protected readonly client: Client;
  protected readonly onSuspended: SuspendedPolicy;

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, { onSuspended = "hold-until-deadline" }: LockOptions = {}) {
    validatePath(path, "lock");
    if (onSuspended !== "hold-until-deadline" && onSuspended !== "abort") {
      const message = `onSuspended ${JSON.stringify(onSuspended)} is neither "hold-until-deadline" nor "abort"`;
      throw new InvalidArgumentError(message, { op: "lock", path });
    }
    this.path = path;
    this.client = client;
    this.onSuspended = onSuspended;
  }

  /**
   * Waits until it is held. If the session is lost meanwhile it lines up again in the next one, as it does when someone else deletes its
   * znode. When it rejects, whatever the reason, no contender is left: it is removed in the background, at the latest by the end of the
   * session.
   *
   * @throws TimeoutError, AbortedError by the bounds; InvalidArgumentError; ServerError such as NoAuthError; ClosedError
   */
  acquire(options: Options = {} as Options): Promise<Held> {
    const subject = { op: "acquire", path: this.path };
    return within(options, subject, ({ signal }) => this.take(options, signal), discard);
  }

  /**
   * Takes it if nobody is in the way. Never waits for another holder, only for the servers: for a connection, and over connection loss.
   *
   * @returns undefined if it is taken; no contender is left then
   * @throws as `acquire()`; SessionExpiredError if the session is lost meanwhile
   */
  tryAcquire(options: Options = {} as Options): Promise<Held | undefined> {
    const subject = { op: "tryAcquire", path: this.path };
    return within(options, subject, ({ signal }) => this.tryTake(options, signal), discard);
  }

  /**
   * Runs `body` while holding it and gives it back afterwards. Waits for the body in any case; `lease.signal` tells it of a loss.
   *
   * @param options its bounds are for the wait, not for the body
   * @throws what the body throws; LeaseLostError if it was lost before the body ended; as `acquire()`
   */
  async run<T>(body: (lease: Held) => Promise<T> | T, options: Options = {} as Options): Promise<T> {
    const lease = await this.acquire(options);
    try {
      const result = await body(lease);
      lease.assertHeld();
      return result;
    } finally {
      await lease[Symbol.asyncDispose]();
    }
  }

  protected abstract take(options: Options, signal: AbortSignal | undefined): Promise<Held>;
  protected abstract tryTake(options: Options, signal: AbortSignal | undefined): Promise<Held | undefined>;
}

/** A lease that came when nobody waited for it any more. */
function discard(lease: Lease | undefined): void {
  void lease?.[Symbol.asyncDispose]();
}
