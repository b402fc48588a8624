import type { RandomSource } from "@quorate/core";
import { wallClockMs } from "../clock.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import type { Session, SessionConnection } from "./session.ts";

export interface SessionTrackerOptions {
  readonly tickTimeMs: number;
  readonly random: RandomSource;
  /** The session has ended without its client: what belongs to it has to go. */
  onExpired(session: Session): void;
}

/** The live sessions, and when they end. */
export class SessionTracker {
  readonly #sessions = new Map<bigint, Session>();
  readonly #queue: ExpiryQueue<Session>;
  readonly #random: RandomSource;
  readonly #onExpired: (session: Session) => void;
  #nextId: bigint;

  constructor({ tickTimeMs, random, onExpired }: SessionTrackerOptions) {
    this.#random = random;
    this.#onExpired = onExpired;
    this.#queue = new ExpiryQueue(tickTimeMs, (session) => this.expire(session));
    // As a standalone server begins: a 1 in the first byte, then the time, so that no id comes again after a restart.
    this.#nextId = (1n << 56n) | (BigInt.asUintN(40, BigInt(wallClockMs())) << 16n);
  }

  get all(): ReadonlyMap<bigint, Session> {
    return this.#sessions;
  }

  open(timeoutMs: number, isLocal: boolean, connection: SessionConnection): Session {
    const password = Buffer.from(this.#random.uuid().replaceAll("-", ""), "hex");
    const session: Session = { id: this.#nextId++, password, timeoutMs, isLocal, connection };
    this.#sessions.set(session.id, session);
    this.#queue.touch(session, timeoutMs);
    return session;
  }

  touch(session: Session): void {
    this.#queue.touch(session, session.timeoutMs);
  }

  /** Forgets it. */
  remove(session: Session): void {
    this.#sessions.delete(session.id);
    this.#queue.remove(session);
  }

  expire(session: Session): void {
    if (!this.#sessions.has(session.id)) return;
    this.remove(session);
    this.#onExpired(session);
  }

  /** No session expires until it is touched again. */
  suspendAll(): void {
    this.#queue.clear();
  }

  /** As after a restart: every session has its whole timeout before it. */
  touchAll(): void {
    for (const session of this.#sessions.values()) this.touch(session);
  }

  /** Time goes on, but nothing expires. */
  pause(): void {
    this.#queue.pause();
  }

  /** What is due by now expires at once. */
  resume(): void {
    this.#queue.resume();
  }

  clear(): void {
    this.#queue.clear();
    this.#sessions.clear();
  }
}
