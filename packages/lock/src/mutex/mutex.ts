import { type Client, InvalidArgumentError, type Lease, NoNodeError } from "@quorate/core";
import { type Bounds, requireCapability } from "@quorate/core/recipe";
import { contenderData, contendersIn, firstIn, type LockContender, revokeMessage } from "../line/contender.ts";
import { LineLock } from "../line/line-lock.ts";
import { Holds } from "../owner/holds.ts";
import { currentOwner, runAsOwner } from "../owner/owner-scope.ts";
import { Lock, type LockOptions } from "../support/lock.ts";
import { throughSessions } from "../support/through-sessions.ts";

export interface MutexOptions extends LockOptions {
  /**
   * Whether an owner that holds the lock acquires it again at once. The owner is the `owner` option of `acquire()`, or whoever the code runs
   * as: the body of `run()` and of `runAsOwner()`. Per Mutex object. Default false: a second `acquire()` waits for the first like anybody's.
   */
  readonly reentrant?: boolean;
  /**
   * Other recipes' names to count as contenders, by what stands before the sequence number: `__lock__` for kazoo. Curator's and Go's
   * `lock-` always counts. Default none.
   */
  readonly admit?: readonly string[];
  /**
   * How long the next holder waits if one was lost without releasing, milliseconds: time for what it had begun to come to an end. Takes one
   * more round trip to acquire, and works among those who use it. Default none.
   */
  readonly lockDelayMs?: number;
}

export interface AcquireOptions extends Bounds {
  /** On whose behalf, with `reentrant`; compared by identity. Default whoever the code runs as: see `runAsOwner()`. */
  readonly owner?: unknown;
  /**
   * Called once when the holder is asked to hand the lock over, see `revoke()`. It is the holder's choice to do so: it finishes what it
   * has begun and releases. Default: nobody listens. With `reentrant`, the owner's first acquisition counts.
   */
  readonly onRevoke?: (lease: Lease) => unknown;
}

/**
 * A distributed lock: at most one holder at a time, first come first served, among everyone who uses the same path on the same ensemble.
 * The layout is Curator's `InterProcessMutex`: `<path>/_c_<uuid>-lock-<sequence>`, ephemeral.
 */
export class Mutex extends Lock<AcquireOptions> {
  readonly #lock: LineLock;
  /** Undefined unless reentrant. */
  readonly #holds: Holds | undefined;

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, options: MutexOptions = {}) {
    super(client, path, options);
    const { reentrant = false, admit: others = [], lockDelayMs, id } = options;
    checkOptions(path, others, lockDelayMs);
    // Its mark is made and removed in transactions: said before anybody lines up.
    if (lockDelayMs !== undefined) requireCapability(client, "transactions", { op: "lock with lockDelayMs", path });
    this.#holds = reentrant ? new Holds() : undefined;
    this.#lock = new LineLock(client, {
      line: { directory: path, marker: "lock-", others },
      subject: `lock ${path}`,
      data: contenderData(id),
      onSuspended: this.onSuspended,
      lockDelayMs,
    });
  }

  /** With `reentrant`, the body runs as the owner of the lock. */
  override run<T>(body: (lease: Lease) => Promise<T> | T, options: AcquireOptions = {}): Promise<T> {
    if (this.#holds === undefined) return super.run(body, options);
    const owner = options.owner ?? currentOwner() ?? Symbol(`holder of ${this.path}`);
    return super.run((lease) => runAsOwner(owner, () => body(lease)), { ...options, owner });
  }

  /** Who holds the lock, as the server in use knows it. Undefined if nobody does. */
  holder(bounds: Bounds = {}): Promise<LockContender | undefined> {
    return firstIn(this.client, this.#lock.line, bounds);
  }

  /** Who waits for the lock, the next one first, without the holder. Reads each contender's znode. */
  async queue(bounds: Bounds = {}): Promise<LockContender[]> {
    return (await contendersIn(this.client, this.#lock.line, bounds)).slice(1);
  }

  /**
   * Asks the holder to hand the lock over, as Curator's `Revoker` does: by writing `__REVOKE__` to its znode. Takes nothing away: the holder
   * is told if it listens, and does what it likes.
   *
   * @returns whether there was a holder to ask
   */
  async revoke(bounds: Bounds = {}): Promise<boolean> {
    for (;;) {
      const holder = await this.holder(bounds);
      if (holder === undefined) return false;
      try {
        await this.client.set(holder.path, revokeMessage, bounds);
        return true;
      } catch (error) {
        if (!(error instanceof NoNodeError)) throw error;
      }
    }
  }

  protected override async take(options: AcquireOptions, signal: AbortSignal | undefined): Promise<Lease> {
    const { onRevoke } = options;
    return this.#asOwner(options, signal, () =>
      throughSessions(this.client, signal, (session) => this.#lock.hold(session, { signal, waits: true, onRevoke })),
    );
  }

  protected override async tryTake(
    options: AcquireOptions,
    signal: AbortSignal | undefined,
  ): Promise<Lease | undefined> {
    const { onRevoke } = options;
    return this.#asOwner(options, signal, async () =>
      this.#lock.hold(await this.client.whenConnected({ signal }), { signal, waits: false, onRevoke }),
    );
  }

  #asOwner<Got extends Lease | undefined>(
    options: AcquireOptions,
    signal: AbortSignal | undefined,
    acquire: () => Promise<Got>,
  ): Promise<Lease | Got> {
    const owner = this.#holds === undefined ? undefined : (options.owner ?? currentOwner());
    return owner === undefined || this.#holds === undefined ? acquire() : this.#holds.enter(owner, signal, acquire);
  }
}

function checkOptions(path: string, admit: readonly string[], lockDelayMs: number | undefined): void {
  if (!Array.isArray(admit) || admit.some((marker) => typeof marker !== "string" || marker === "")) {
    throw new InvalidArgumentError("admit is not a list of name parts", { op: "lock", path });
  }
  if (lockDelayMs !== undefined && !(Number.isFinite(lockDelayMs) && lockDelayMs >= 0)) {
    const message = `lockDelayMs ${String(lockDelayMs)} is not a number of milliseconds from 0 up`;
    throw new InvalidArgumentError(message, { op: "lock", path });
  }
}
