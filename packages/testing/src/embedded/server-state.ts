import type { RandomSource } from "@quorate/core";
import { AccessControl } from "./acl/access-control.ts";
import { wallClockMs } from "./clock.ts";
import type { Session, SessionConnection } from "./sessions/session.ts";
import { SessionTracker } from "./sessions/session-tracker.ts";
import { DataTree } from "./tree/data-tree.ts";
import { overdue, Reaper } from "./tree/reaper.ts";
import { type TreeSnapshot, znodesOf } from "./tree/snapshot.ts";
import type { Transaction } from "./tree/znode.ts";
import { Watches } from "./watches/watches.ts";

export interface ServerStateOptions {
  readonly tickTimeMs: number;
  readonly random: RandomSource;
  readonly withSasl: boolean;
  readonly containerCheckIntervalMs: number;
}

/** All that a server knows: znodes, sessions and watches. No I/O; the one timer is that of the sessions' expiry. */
export class ServerState {
  readonly watches: Watches = new Watches();
  readonly tree: DataTree = new DataTree((change) => this.watches.changed(change));
  readonly sessions: SessionTracker;
  readonly access: AccessControl;
  readonly #reaper: Reaper;
  #lastZxid = 0n;

  constructor({ tickTimeMs, random, withSasl, containerCheckIntervalMs }: ServerStateOptions) {
    this.#reaper = new Reaper(containerCheckIntervalMs, () => this.reap());
    this.access = new AccessControl({ withSasl });
    this.sessions = new SessionTracker({
      tickTimeMs,
      random,
      onExpired: (session) => this.#sessionEnded(session, "expired"),
    });
  }

  /** Of the last transaction, failed ones included. */
  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  /** For what changes nothing. */
  get latest(): Transaction {
    return { zxid: this.#lastZxid, time: 0n };
  }

  /** Runs one transaction. Those that fail take a zxid too, as on a standalone server. */
  write<T>(change: (transaction: Transaction) => T): T {
    this.#lastZxid++;
    const result = change({ zxid: this.#lastZxid, time: BigInt(wallClockMs()) });
    this.#watchForReaping();
    return result;
  }

  /** A new session takes a zxid, unless it is a local one. */
  openSession(timeoutMs: number, isLocal: boolean, connection: SessionConnection): Session {
    if (!isLocal) this.write(() => {});
    return this.sessions.open(timeoutMs, isLocal, connection);
  }

  closeSession(session: Session): void {
    this.sessions.remove(session);
    this.#sessionEnded(session, "closed");
  }

  /** Deletes the containers and TTL nodes that are due, each in a transaction of its own. */
  reap(): void {
    for (const path of overdue(this.tree)) this.write((transaction) => this.tree.delete(path, transaction));
    this.#watchForReaping();
  }

  /** Time goes on, but nothing comes of it. */
  pause(): void {
    this.sessions.pause();
    this.#reaper.stop();
  }

  /** What is overdue by now ends at once. */
  resume(): void {
    this.sessions.resume();
    this.#watchForReaping();
  }

  /** Takes the znodes of a snapshot in place of its own. */
  load(snapshot: TreeSnapshot): void {
    const znodes = znodesOf(snapshot, (sessionId) => this.sessions.all.has(sessionId));
    const zxid = BigInt(snapshot.zxid);
    // Clients refuse a server that knows less than they have seen.
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
    this.write(() => this.tree.replace(znodes));
  }

  stop(): void {
    this.sessions.clear();
    this.#reaper.stop();
  }

  #watchForReaping(): void {
    if (this.tree.lifetimes.reapable.size > 0) this.#reaper.start();
  }

  /** The ephemeral znodes go in one transaction. A local session has none, and takes no zxid. */
  #sessionEnded(session: Session, how: "closed" | "expired"): void {
    if (!session.isLocal) {
      this.write((transaction) => {
        for (const path of [...this.tree.lifetimes.ephemeralsOf(session.id)]) this.tree.delete(path, transaction);
      });
    }
    if (how === "expired") session.connection?.drop("expired");
  }
}
