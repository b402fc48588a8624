import type { Client, Lease, Session } from "@quorate/core";
import type { LockOptions } from "../support/lock.ts";
import { readerLine } from "./line.ts";
import { Side, type SideHoldOptions } from "./side.ts";
import type { WriteLock } from "./write-lock.ts";

/**
 * The readers' side. Any number read together; a reader waits for the writers that lined up before it. Whoever owns the write lock may read
 * beside it, and go on reading when the write lock is released; whoever reads may read again, whoever waits.
 */
export class ReadLock extends Side {
  readonly #write: WriteLock;

  constructor(client: Client, path: string, options: LockOptions, write: WriteLock) {
    super(client, readerLine(path), `read lock ${path}`, options);
    this.#write = write;
  }

  protected override async hold(session: Session, options: SideHoldOptions): Promise<Lease | undefined> {
    const { owner } = options;
    const own = this.#write.holds.of(owner) ?? this.holds.of(owner);
    return own?.session === session ? this.holdBehind(own, owner) : this.holdInLine(session, options);
  }
}
