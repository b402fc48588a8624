/**
 * Keeps a connection proven alive. With the negotiated session timeout T:
 *
 * - a ping is sent when nothing was sent for T/6;
 * - the connection counts as dead when something has been unanswered for T/4 and no byte came for as long.
 *
 * So a server that falls silent is given up at most T/6 + T/4 = 5/12 T after the last acknowledged request was sent. The client counts the
 * session as lost 3/4 T after that moment, which leaves a third of T to find another server. Java's client waits for 2/3 T and leaves
 * nothing. Any byte counts as life: a large reply may be on its way for longer than T/4.
 */
export interface Heart {
  /** `performance.now()` of the last write. */
  readonly lastSentAt: number;
  /** `performance.now()` of the last bytes received. */
  readonly lastReceivedAt: number;
  /** `performance.now()` of the write of the oldest request without an answer. */
  readonly unansweredSince: number | undefined;
  ping(): void;
  /** Nothing was heard for this long. */
  dead(silentMs: number): void;
}

export class Heartbeat {
  readonly #heart: Heart;
  readonly #pingEveryMs: number;
  readonly #answerWithinMs: number;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;

  constructor(heart: Heart, sessionTimeoutMs: number) {
    this.#heart = heart;
    this.#pingEveryMs = sessionTimeoutMs / 6;
    this.#answerWithinMs = sessionTimeoutMs / 4;
    this.#schedule(performance.now());
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
  }

  #beat(): void {
    const now = performance.now();
    if (now >= this.#deadAt()) {
      // After a stall of this process the answer may lie in the socket's buffer: let the event loop read once before the verdict.
      this.#lastLook = setImmediate(() => this.#verdict());
      return;
    }
    if (now - this.#heart.lastSentAt >= this.#pingEveryMs) this.#heart.ping();
    this.#schedule(now);
  }

  #verdict(): void {
    const now = performance.now();
    if (now >= this.#deadAt()) this.#heart.dead(now - this.#silentSince());
    else this.#schedule(now);
  }

  #schedule(now: number): void {
    const dueAt = Math.min(this.#heart.lastSentAt + this.#pingEveryMs, this.#deadAt());
    // Rounded up, as timers take whole milliseconds and must not fire just before the time is due.
    this.#timer = setTimeout(() => this.#beat(), Math.max(1, Math.ceil(dueAt - now)));
  }

  #silentSince(): number {
    return Math.max(this.#heart.unansweredSince ?? Number.POSITIVE_INFINITY, this.#heart.lastReceivedAt);
  }

  #deadAt(): number {
    return this.#silentSince() + this.#answerWithinMs;
  }
}
