import { type Client, type Lease, NoNodeError } from "@quorate/core";
import { type Bounds, within } from "@quorate/core/recipe";
import { contendersIn, firstIn, type LockContender, revokeMessage } from "../line/contender.ts";
import type { LineLock } from "../line/line-lock.ts";
import { type LineOptions, mutexLine } from "../line/mutex-line.ts";
import { Holds } from "../owner/holds.ts";
import { currentOwner, runAsOwner } from "../owner/owner-scope.ts";
import { Lock } from "../support/lock.ts";
import { throughSessions } from "../support/through-sessions.ts";

export interface MutexOptions extends LineOptions {
  /**
   * Whether an owner that holds the lock acquires it again at once. The owner is the `owner` option of `acquire()`, or whoever the code runs
   * as: the body of `run()` and of `runAsOwner()`. Per Mutex object. Default false: a second `acquire()` waits for the first like anybody's.
   */
  readonly reentrant?: boolean;
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
    this.#holds = options.reentrant === true ? new Holds() : undefined;
    this.#lock = mutexLine(client, path, { ...options, onSuspended: this.onSuspended });
  }

  /** With `reentrant`, the body runs as the owner of the lock. */
  override run<T>(body: (lease: Lease) => Promise<T> | T, options: AcquireOptions = {}): Promise<T> {
    if (this.#holds === undefined) return super.run(body, options);
    const owner = options.owner ?? currentOwner() ?? Symbol(`holder of ${this.path}`);
    return super.run((lease) => runAsOwner(owner, () => body(lease)), { ...options, owner });
  }

  /** Who holds the lock, as the server in use knows it. Undefined if nobody does. */
  holder(bounds: Bounds = {}): Promise<LockContender | undefined> {
    return within(bounds, { op: "holder", path: this.path }, (inner) => firstIn(this.client, this.#lock.line, inner));
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
  revoke(bounds: Bounds = {}): Promise<boolean> {
    return within(bounds, { op: "revoke", path: this.path }, async (inner) => {
      for (;;) {
        const holder = await firstIn(this.client, this.#lock.line, inner);
        if (holder === undefined) return false;
        try {
          await this.client.set(holder.path, revokeMessage, inner);
          return true;
        } catch (error) {
          if (!(error instanceof NoNodeError)) throw error;
        }
      }
    });
  }

  protected override async take(options: AcquireOptions, signal: AbortSignal | undefined): Promise<Lease> {
    const { onRevoke } = options;
    const acquire = (): Promise<Lease> =>
      throughSessions(this.client, signal, (session) => this.#lock.hold(session, { signal, waits: true, onRevoke }));
    const owner = ownerOf(options);
    return this.#holds === undefined || owner === undefined ? acquire() : this.#holds.enter(owner, signal, acquire);
  }

  protected override async tryTake(
    options: AcquireOptions,
    signal: AbortSignal | undefined,
  ): Promise<Lease | undefined> {
    const { onRevoke } = options;
    const acquire = async (): Promise<Lease | undefined> =>
      this.#lock.hold(await this.client.whenConnected({ signal }), { signal, waits: false, onRevoke });
    const owner = ownerOf(options);
    return this.#holds === undefined || owner === undefined ? acquire() : this.#holds.tryEnter(owner, signal, acquire);
  }
}

function ownerOf({ owner }: AcquireOptions): unknown {
  return owner ?? currentOwner();
}
