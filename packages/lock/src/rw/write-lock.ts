import type { Client, Lease, Session } from "@quorate/core";
import type { NodeLease } from "@quorate/core/recipe";
import { contenderData } from "../line/contender.ts";
import type { LockOptions } from "../support/lock.ts";
import { standBehind } from "./behind-writer.ts";
import { UpgradeRefusedError } from "./errors.ts";
import { writerLine } from "./line.ts";
import type { OwnedHolds, SessionHold } from "./owned-holds.ts";
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

/** The writers' side. One writes at a time, and nobody reads meanwhile; a writer waits for everybody who lined up before it. */
export class WriteLock extends Side<WriteLease> {
  readonly #data: string;
  readonly #readers: () => OwnedHolds;

  /** @param readers the other side's holds */
  constructor(client: Client, path: string, options: LockOptions, readers: () => OwnedHolds) {
    super(client, writerLine(path), `write lock ${path}`, options);
    this.#data = contenderData(options.id);
    this.#readers = readers;
  }

  /** A reader of the same owner beside it. */
  async readBeside(writer: SessionHold, owner: unknown): Promise<NodeLease> {
    const { client, path: directory, onSuspended } = this;
    const readers = this.#readers();
    const onRelease = (): void => readers.remove(owner, reader);
    const reader = await standBehind(writer, { client, directory, data: this.#data, onSuspended, onRelease });
    readers.add(owner, { session: writer.session, lease: reader });
    return reader;
  }

  /** @throws UpgradeRefusedError */
  protected override async hold(session: Session, options: SideHoldOptions): Promise<WriteLease | undefined> {
    if (this.#readers().of(options.owner) !== undefined) {
      const message = `the owner of a read lock ${this.path} asked to write: it would wait for itself`;
      throw new UpgradeRefusedError(message, { op: "acquire", path: this.path });
    }
    const lease = await this.holdInLine(session, options);
    if (lease === undefined) return undefined;
    const downgrade = async (): Promise<Lease> => {
      const reader = await this.readBeside({ session, lease }, options.owner);
      await lease.release();
      return reader;
    };
    return Object.assign(lease, { downgrade });
  }
}
