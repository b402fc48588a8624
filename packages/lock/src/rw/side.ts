import type { Client, Lease, Session } from "@quorate/core";
import { type Bounds, deleteOwn, type NodeLease, type WaitingLine } from "@quorate/core/recipe";
import { contenderData } from "../line/contender.ts";
import { LineLock } from "../line/line-lock.ts";
import { currentOwner, runAsOwner } from "../owner/owner-scope.ts";
import { Lock, type LockOptions } from "../support/lock.ts";
import { throughSessions } from "../support/through-sessions.ts";
import { standBehind } from "./behind-own.ts";
import { OwnedHolds, type SessionHold } from "./owned-holds.ts";

export interface SideOptions extends Bounds {
  /**
   * On whose behalf; compared by identity. Whoever holds a side may hold it again, whoever owns the write lock may read beside it, and whoever
   * only reads is refused the write lock. Default whoever the code runs as: see `runAsOwner()`.
   */
  readonly owner?: unknown;
}

/** The readers' or the writers' side of a read-write lock. */
export abstract class Side<Held extends Lease = Lease> extends Lock<SideOptions, Held> {
  /** What this side holds, by owners. */
  readonly holds: OwnedHolds = new OwnedHolds();
  protected readonly lock: LineLock;

  readonly #subject: string;
  readonly #data: string;

  constructor(client: Client, line: WaitingLine, subject: string, options: LockOptions) {
    super(client, line.directory, options);
    const { onSuspended } = this;
    this.#subject = subject;
    this.#data = contenderData(options.id);
    this.lock = new LineLock(client, { line, subject, data: this.#data, onSuspended });
  }

  /** The body runs as the owner of the lock. */
  override run<T>(body: (lease: Held) => Promise<T> | T, options: SideOptions = {}): Promise<T> {
    const owner = options.owner ?? currentOwner() ?? Symbol(`holder of ${this.path}`);
    return super.run((lease) => runAsOwner(owner, () => body(lease)), { ...options, owner });
  }

  /** A hold of this side right behind another of the same owner, be it of the other side. */
  async holdBehind(own: SessionHold, owner: unknown): Promise<NodeLease> {
    const { client, onSuspended } = this;
    const onRelease = (): void => this.holds.remove(owner, lease);
    const [line, subject, data] = [this.lock.line, this.#subject, this.#data];
    const lease = await standBehind(own, { client, line, subject, data, onSuspended, onRelease });
    this.holds.add(owner, { session: own.session, lease });
    return lease;
  }

  protected override take(options: SideOptions, signal: AbortSignal | undefined): Promise<Held> {
    const owner = ownerOf(options);
    return throughSessions(this.client, signal, (session) => this.hold(session, { owner, signal, waits: true }));
  }

  protected override async tryTake(options: SideOptions, signal: AbortSignal | undefined): Promise<Held | undefined> {
    const owner = ownerOf(options);
    return this.hold(await this.client.whenConnected({ signal }), { owner, signal, waits: false });
  }

  /** @returns undefined if it is taken and not to be waited for, or if our znode was deleted meanwhile */
  protected abstract hold(session: Session, options: SideHoldOptions): Promise<Held | undefined>;

  protected async holdInLine(session: Session, options: SideHoldOptions): Promise<NodeLease | undefined> {
    const { owner, signal, waits } = options;
    let lease: NodeLease | undefined;
    const giveBack = async ({ path }: { readonly path: string }): Promise<void> => {
      if (lease !== undefined) this.holds.remove(owner, lease);
      await deleteOwn(session, path);
    };
    lease = await this.lock.hold(session, { signal, waits, giveBack });
    if (lease !== undefined) this.holds.add(owner, { session, lease });
    return lease;
  }
}

export interface SideHoldOptions {
  readonly owner: unknown;
  readonly signal: AbortSignal | undefined;
  readonly waits: boolean;
}

function ownerOf({ owner }: SideOptions): unknown {
  return owner ?? currentOwner();
}
