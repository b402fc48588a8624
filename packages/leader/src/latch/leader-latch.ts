import { hostname } from "node:os";
import { AbortedError, type Client, ClosedError, type Data, InvalidArgumentError, LeaseLostError } from "@quorate/core";
import {
  type Bounds,
  type SuspendedPolicy,
  stoppable,
  validatePath,
  type WaitingLine,
  within,
} from "@quorate/core/recipe";
import { observeLeader } from "../participants/observe.ts";
import { type Leader, lineOf, type Participant } from "../participants/participant.ts";
import { readLeader, readParticipants } from "../participants/read.ts";
import { LatchTerm, type Term } from "./term.ts";
import { type Candidate, win } from "./win.ts";

export interface LeaderLatchOptions {
  /** Who this is, for everybody to see: the data of its znode. Default `<host name>:<process id>`. */
  readonly id?: string;
  /**
   * What becomes of a term when the connection goes away while the session may live. Default `hold-until-deadline`: goes on up to
   * `term.validUntil`.
   */
  readonly onSuspended?: SuspendedPolicy;
  /**
   * A whole number; the higher leads first. One with a priority, when its turn comes, lets those go first who wait with a higher one. Whoever
   * leads is left to lead. Default none: stands back for nobody, and counts as 0 to others.
   */
  readonly priority?: number;
}

/**
 * One candidate for leadership: at most one candidate of a path leads at a time. The layout is Curator's `LeaderLatch`:
 * `<path>/_c_<uuid>-latch-<sequence>`, ephemeral, its data the participant's id.
 *
 * It contends while `terms()` is iterated or `run()` runs, one of them at a time, and by itself lines up again whatever happens: after the
 * session was lost, its znode deleted, the whole path wiped, a create refused.
 */
export class LeaderLatch {
  /** The latch's directory. Made when needed, a container where the servers know such. */
  readonly path: string;
  readonly id: string;
  readonly #client: Client;
  readonly #line: WaitingLine;
  readonly #candidate: Candidate;
  #isContending = false;
  #term: LatchTerm | undefined;

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, options: LeaderLatchOptions = {}) {
    validatePath(path, "latch");
    const { id = `${hostname()}:${process.pid}`, onSuspended = "hold-until-deadline", priority } = options;
    if (typeof id !== "string") throw refused(path, "id", id, "a string");
    if (onSuspended !== "hold-until-deadline" && onSuspended !== "abort") {
      throw refused(path, "onSuspended", onSuspended, `"hold-until-deadline" or "abort"`);
    }
    if (priority !== undefined && !Number.isSafeInteger(priority)) {
      throw refused(path, "priority", priority, "a whole number");
    }
    this.path = path;
    this.id = id;
    this.#client = client;
    this.#line = lineOf(path);
    this.#candidate = { client, line: this.#line, id, priority, onSuspended };
  }

  /** Whether this latch leads right now. Looks at the clock itself. */
  get isLeader(): boolean {
    return this.#term !== undefined && this.#term.isHeld;
  }

  /**
   * Contends, and gives one Term for each win. The next term is contended for when the reader asks for it and the one before is over: lost,
   * resigned or released. So no two terms of a latch overlap, and work of the old term that the loop's body waits for has ended before.
   *
   * Leaving the loop resigns and withdraws; so does `signal`, which finishes the iteration, and whose abort ends the term at once. It also
   * finishes when the client is closed.
   *
   * @throws InvalidArgumentError, from the iteration, if this latch contends already; a refusal that will not pass, such as NoAuthError
   */
  terms(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<Term, void, undefined> {
    return stoppable(options.signal, (signal) => this.#terms(signal, undefined));
  }

  /**
   * Runs `body` as leader. Resolves with its result, once it has returned while it led. If the term is lost or resigned before, the body is
   * waited for (`term.signal` tells it), what it throws or returns then is dropped, and it is run again in the next term. In the end
   * leadership is given up.
   *
   * @param bounds `timeoutMs` for each wait for leadership; `signal` for everything: its abort resigns the term
   * @throws what the body throws while it leads; TimeoutError, AbortedError, ClosedError; as `terms()`
   */
  async run<T>(body: (term: Term) => Promise<T> | T, bounds: Bounds = {}): Promise<T> {
    const { signal, timeoutMs } = bounds;
    for await (const term of stoppable(signal, (inner) => this.#terms(inner, timeoutMs))) {
      try {
        const result = await body(term);
        if (!term.isLost) return result;
      } catch (error) {
        if (!term.isLost) throw error;
        this.#client.logger.debug(`leadership ${this.path}: the body failed after its term`, { error });
      }
    }
    const details = { op: "run", path: this.path };
    if (signal?.aborted !== true) throw new ClosedError(`run ${this.path}: the client was closed`, details);
    throw new AbortedError(`run ${this.path}: aborted by the caller's signal`, { ...details, cause: signal.reason });
  }

  /** Who leads, by the newest the servers know; undefined if nobody contends. */
  leader(bounds: Bounds = {}): Promise<Leader | undefined> {
    return within(bounds, { op: "leader", path: this.path }, (inner) => readLeader(this.#client, this.#line, inner));
  }

  /** Everyone who contends, in the order in which they stand in line: the leader first. */
  participants(bounds: Bounds = {}): Promise<Participant[]> {
    return within(bounds, { op: "participants", path: this.path }, (inner) =>
      readParticipants(this.#client, this.#line, inner),
    );
  }

  /**
   * Follows who leads, without contending: the leader now, undefined while there is none, and then every newer one or newer data. A slow
   * reader misses what was overtaken. While no server is connected the last one known stands. Finishes when `signal` aborts or the client is
   * closed.
   *
   * @throws NoAuthError, from the iteration, if the path may not be read
   */
  observe(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<Leader | undefined, void, undefined> {
    return stoppable(options.signal, (signal) => observeLeader(this.#client, this.#line, signal));
  }

  /**
   * As the leader, tells everybody something: what `leader()` and `observe()` give as its data, until the term ends. A fenced write: the
   * servers apply it only while the term lasts.
   *
   * @throws LeaseLostError if this latch does not lead, nothing was written; ConnectionLossError (`outcome: "unknown"`); by its bounds
   */
  async proclaim(data: Data, bounds?: Bounds): Promise<void> {
    if (this.#term === undefined) {
      const message = `leadership ${this.path} is not held by this latch`;
      throw new LeaseLostError(message, { reason: "released", op: "proclaim", path: this.path });
    }
    return this.#term.proclaim(data, bounds);
  }

  /**
   * Gives the current term up, if there is one: its signal aborts, then the next in line leads. Whoever iterates `terms()` or is in `run()`
   * contends again, from the end of the line.
   *
   * @throws the server's refusal, such as NoAuthError
   */
  async resign(): Promise<void> {
    await this.#term?.resign();
  }

  async *#terms(signal: AbortSignal, timeoutMs: number | undefined): AsyncGenerator<LatchTerm, void, undefined> {
    if (this.#isContending) {
      throw new InvalidArgumentError(`latch ${this.path} contends already: make another one`, { path: this.path });
    }
    this.#isContending = true;
    try {
      for (;;) yield* this.#oneTerm(await this.#win({ signal, timeoutMs }), signal);
    } catch (error) {
      if (this.#client.state !== "closed" || !(error instanceof ClosedError)) throw error;
    } finally {
      this.#isContending = false;
    }
  }

  async *#oneTerm(term: LatchTerm, signal: AbortSignal): AsyncGenerator<LatchTerm, void, undefined> {
    const resign = (): void => void term.resign().catch(() => {});
    this.#term = term;
    signal.addEventListener("abort", resign, { once: true });
    try {
      yield term;
      await term.ended;
    } finally {
      signal.removeEventListener("abort", resign);
      // Also a term that is lost already may have its znode still.
      await term[Symbol.asyncDispose]();
    }
  }

  #win(bounds: Bounds): Promise<LatchTerm> {
    return within(
      bounds,
      { op: "lead", path: this.path },
      async ({ signal }) => new LatchTerm(await win(this.#candidate, signal), this.path),
      (term) => void term[Symbol.asyncDispose](),
    );
  }
}

function refused(path: string, option: string, value: unknown, wanted: string): InvalidArgumentError {
  return new InvalidArgumentError(`${option} ${JSON.stringify(value)} is not ${wanted}`, { op: "latch", path });
}
