import type { Client, Lease, Session } from "@quorate/core";
import type { NodeLease } from "@quorate/core/recipe";
import type { LockOptions } from "../support/lock.ts";
import { UpgradeRefusedError } from "./errors.ts";
import { writerLine } from "./line.ts";
import { Side, type SideHoldOptions } from "./side.ts";

/** The lease of a writer. */
export interface WriteLease extends Lease {
  /**
   * Becomes a reader without letting any writer in between: readers that wait for this writer alone come in, writers go on waiting. The
   * write lease is released by it. The reader's token is the writer's.
   *
   * @throws LeaseLostError, ServerError; the write lease is as it was then
   */
  downgrade(): Promise<Lease>;
}

/**
 * The writers' side. One writes at a time, and nobody reads meanwhile; a writer waits for everybody who lined up before it. Whoever owns the
 * write lock may take it again.
 */
export class WriteLock extends Side<WriteLease> {
  readonly #read: () => Side;

  /** @param read the other side */
  constructor(client: Client, path: string, options: LockOptions, read: () => Side) {
    super(client, writerLine(path), `write lock ${path}`, options);
    this.#read = read;
  }

  /** @throws UpgradeRefusedError */
  protected override async hold(session: Session, options: SideHoldOptions): Promise<WriteLease | undefined> {
    const { owner } = options;
    const own = this.holds.of(owner);
    if (own?.session === session) return this.#writeLease(session, await this.holdBehind(own, owner), owner);
    if (this.#read().holds.of(owner) !== undefined) {
      const message = `the owner of a read lock ${this.path} asked to write: it would wait for itself`;
      throw new UpgradeRefusedError(message, { op: "acquire", path: this.path });
    }
    const lease = await this.holdInLine(session, options);
    return lease && this.#writeLease(session, lease, owner);
  }

  #writeLease(session: Session, lease: NodeLease, owner: unknown): WriteLease {
    const downgrade = async (): Promise<Lease> => {
      const reader = await this.#read().holdBehind({ session, lease }, owner);
      await lease.release();
      return reader;
    };
    return Object.assign(lease, { downgrade });
  }
}
