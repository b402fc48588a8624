import type { WatchEvent } from "../../driver/driver.ts";
import { NoNodeError } from "../../errors/server-errors.ts";
import type { OneShot, OneShotKind, OneShotReplies } from "../one-shot.ts";
import type { SourceContext } from "./source.ts";

export interface Readings<Kind extends OneShotKind> {
  /**
   * Each newer state, undefined for a missing znode, with the event that led to reading it. For `data` and `children` of a missing znode no
   * watch is left: `start()` begins again.
   */
  read(reply: OneShotReplies[Kind] | undefined, event: WatchEvent | undefined): void;
  failed(error: Error): void;
}

/**
 * One path kept under a one-shot watch: read and armed in one request, and again after each event. Whatever happens between an event and
 * the next read is in what that read finds.
 */
export class Rearming<Kind extends OneShotKind> {
  readonly #context: SourceContext;
  readonly #kind: Kind;
  readonly #path: string;
  readonly #readings: Readings<Kind>;
  #shot: OneShot<Kind> | undefined;
  #isRunning = false;
  /** Answers to what was asked before a stop do not count. */
  #run = 0;

  constructor(context: SourceContext, kind: Kind, path: string, readings: Readings<Kind>) {
    this.#context = context;
    this.#kind = kind;
    this.#path = path;
    this.#readings = readings;
  }

  /** Nothing happens if it runs already. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#read(undefined);
  }

  stop(): void {
    this.#isRunning = false;
    this.#run++;
    this.#shot?.cancel();
    this.#shot = undefined;
  }

  #read(event: WatchEvent | undefined): void {
    if (!this.#isRunning) return;
    const run = this.#run;
    this.#shot = this.#context.once(this.#context.link, { kind: this.#kind, path: this.#path }, (next) => {
      if (run === this.#run) this.#read(next);
    });
    this.#shot.reply.then(
      (reply) => {
        if (run === this.#run) this.#readings.read(reply, event);
      },
      (error: Error) => {
        if (run === this.#run) this.#failed(error, event);
      },
    );
  }

  #failed(error: Error, event: WatchEvent | undefined): void {
    if (error instanceof NoNodeError) {
      this.#isRunning = false;
      return this.#readings.read(undefined, event);
    }
    const { code } = error as { readonly code?: unknown };
    // With the session this source ends too.
    if (code === "SESSION_EXPIRED" || code === "CLOSED") return;
    if (code !== "CONNECTION_LOSS") return this.#readings.failed(error);
    const run = this.#run;
    this.#context.link.whenConnected().then(
      () => {
        if (run === this.#run) this.#read(event);
      },
      () => {},
    );
  }
}
