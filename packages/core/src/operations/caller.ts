import { ErrorCode, type Operation, type OperationName, type Reply } from "@quorate/protocol";
import { type Bounds, bounded } from "../bounds/bounded.ts";
import type { WaitLimit } from "../bounds/gate.ts";
import { checkOptions } from "../bounds/options.ts";
import type { Capability } from "../driver/capability.ts";
import { ConnectionLossError, type Outcome, SessionExpiredError } from "../errors/client-errors.ts";
import { ServerError } from "../errors/server-errors.ts";
import type { Chroot } from "../paths/chroot.ts";
import type { RandomSource } from "../random.ts";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import { retrying } from "../retry/retrying.ts";
import { traced } from "../tracing/tracing.ts";
import { clientPathOf, methodOf, withCallerNames } from "./caller-names.ts";
import type { Line } from "./line.ts";
import { type Failure, lossIn, wasNotApplied } from "./lost-write.ts";

/**
 * What may be done about a lost answer. Whatever provably was not applied is asked again in any case.
 *
 * - `read`: ask again, in the next session too.
 * - `write`: nothing.
 * - `checked-write`: guarded by a version: once more within the same session if it provably was not applied.
 */
export type Intent = "read" | "write" | "checked-write";

export interface CallerOptions {
  readonly retry: RetryPolicy;
  readonly random: RandomSource;
  readonly operationTimeoutMs: number;
  readonly chroot: Chroot;
  /** Whether operations go on in the next session when this one ends. */
  readonly outlivesSession: boolean;
}

export interface CallBounds extends Bounds {
  /** Told before a request is sent. Where neither signal nor time bounds the call nobody is told. */
  readonly onSent?: () => void;
}

/** Sends operations over a line: waits for a connection, repeats what may be repeated, keeps to the caller's bounds. */
export class Caller {
  readonly #line: Line;
  readonly #options: CallerOptions;

  constructor(line: Line, options: CallerOptions) {
    this.#line = line;
    this.#options = options;
  }

  get chroot(): Chroot {
    return this.#options.chroot;
  }

  get random(): RandomSource {
    return this.#options.random;
  }

  get outlivesSession(): boolean {
    return this.#options.outlivesSession;
  }

  /** What the driver can do. */
  get capabilities(): ReadonlySet<Capability> {
    return this.#line.capabilities;
  }

  /** What a znode without data is created with: null, where the driver can write that. */
  get noData(): Uint8Array | null {
    return this.capabilities.has("null-data") ? null : new Uint8Array(0);
  }

  get sessionId(): bigint | undefined {
    return this.#line.sessionId;
  }

  /**
   * Paths in `operation` are the server's. While connected and unbounded the request is sent before this returns, so that calls made in one
   * tick leave in one write.
   */
  call<Name extends OperationName>(
    operation: Operation<Name>,
    intent: Intent,
    bounds: CallBounds = {},
  ): Promise<Reply<Name>> {
    if (typeof bounds !== "object" || bounds === null) {
      checkOptions(bounds, { op: methodOf(operation.op), path: clientPathOf(operation as Operation, this.chroot) });
    }
    return traced(operation as Operation, () => {
      const refusal = this.#line.cannot(operation as Operation);
      if (refusal !== undefined) return Promise.reject(this.#named(refusal, operation));
      if (!this.#line.connected || bounds.signal !== undefined || bounds.timeoutMs !== undefined) {
        return this.#persist(operation, intent, bounds);
      }
      const { sessionId, seenZxid } = this.#line;
      return this.#line.request(operation).catch((error: Error) => {
        const failed = { error, sessionId, seenZxid };
        if (!this.#mayRepeat(error, intent, lossIn(failed))) throw this.#named(error, operation);
        return this.#persist(operation, intent, bounds, failed);
      });
    });
  }

  /** @param failed an attempt that was made already */
  async #persist<Name extends OperationName>(
    operation: Operation<Name>,
    intent: Intent,
    bounds: CallBounds,
    failed?: Failure,
  ): Promise<Reply<Name>> {
    const { retry: policy, random, operationTimeoutMs } = this.#options;
    // A time of the caller's own, longer or shorter, stands in its place.
    const limit: WaitLimit | undefined =
      bounds.timeoutMs === undefined
        ? { ms: operationTimeoutMs, since: performance.now(), option: "operationTimeoutMs" }
        : undefined;
    const isOver = (): boolean => limit !== undefined && performance.now() >= limit.since + limit.ms;
    let first = failed;
    let lost = failed && lossIn(failed);
    let isSent = false;
    const attempt = async (signal: AbortSignal): Promise<Reply<Name>> => {
      if (first !== undefined) {
        const { error } = first;
        first = undefined;
        throw error;
      }
      if (!this.#line.connected) await this.#line.whenConnected({ signal, limit });
      if (lost !== undefined && intent === "checked-write") {
        const isNew = await wasNotApplied(this.#line, operation as Operation, lost);
        // Not to be repeated: see below for what is told.
        if (!isNew) throw new Error("nobody can tell whether it was applied");
        lost = undefined;
      }
      const { sessionId, seenZxid } = this.#line;
      try {
        isSent = true;
        bounds.onSent?.();
        return await this.#line.request(operation);
      } catch (error) {
        isSent = false;
        lost ??= lossIn({ error: error as Error, sessionId, seenZxid });
        throw error;
      }
    };
    const repeated = (signal: AbortSignal): Promise<Reply<Name>> =>
      retrying(() => attempt(signal), {
        policy,
        random,
        signal,
        shouldRetry: (error) => !isOver() && this.#mayRepeat(error, intent, lost),
      }).catch((error: unknown) => {
        // As long as nobody knows what became of a write, that is what there is to tell.
        throw lost === undefined || intent === "read" ? error : lost.error;
      });
    const outcome = (): Outcome => (intent !== "read" && (isSent || lost !== undefined) ? "unknown" : "not-applied");
    const path = clientPathOf(operation as Operation, this.chroot);
    try {
      return await bounded(bounds, { op: methodOf(operation.op), path, outcome }, repeated);
    } catch (error) {
      throw this.#named(error, operation);
    }
  }

  /** @param lost the attempt, if any, of which nobody knows what became */
  #mayRepeat(error: Error, intent: Intent, lost: Failure | undefined): boolean {
    if (error instanceof ServerError) return notTaken.has(error.serverCode);
    if (error instanceof ConnectionLossError) {
      if (intent === "read" || error.outcome === "not-applied") return true;
      return intent === "checked-write" && lost?.sessionId === this.#line.sessionId;
    }
    if (!(error instanceof SessionExpiredError) || !this.#options.outlivesSession) return false;
    return intent === "read" || error.outcome === "not-applied";
  }

  #named<Name extends OperationName>(error: unknown, operation: Operation<Name>): unknown {
    return withCallerNames(error, operation as Operation, this.chroot);
  }
}

/** Refusals of the moment, before anything was applied: the session has just moved to another server, or this one is overloaded. */
const notTaken: ReadonlySet<number> = new Set([ErrorCode.SESSION_MOVED, ErrorCode.THROTTLED_OP]);
