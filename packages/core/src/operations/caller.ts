import { ErrorCode, type Operation, type OperationName, type Reply } from "@quorate/protocol";
import { type Bounds, bounded } from "../bounds/bounded.ts";
import { ConnectionLossError, SessionExpiredError } from "../errors/client-errors.ts";
import { ServerError } from "../errors/server-errors.ts";
import type { Chroot } from "../paths/chroot.ts";
import type { RandomSource } from "../random.ts";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import { retrying } from "../retry/retrying.ts";
import { traced } from "../tracing/tracing.ts";
import { methodOf, withCallerNames } from "./caller-names.ts";
import type { Line } from "./line.ts";

/**
 * What may be done about a lost answer.
 *
 * - `read`: ask again, in the next session too.
 * - `write`: nothing; again only if it provably was not sent.
 * - `checked-write`: guarded by a version, so it cannot be applied twice: again within the same session.
 */
export type Intent = "read" | "write" | "checked-write";

export interface CallerOptions {
  readonly retry: RetryPolicy;
  readonly random: RandomSource;
  readonly operationTimeoutMs: number;
  readonly chroot: Chroot;
  /** Whether reads go on in the next session when this one ends. */
  readonly outlivesSession: boolean;
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
    bounds: Bounds = {},
  ): Promise<Reply<Name>> {
    return traced(operation as Operation, () => {
      if (!this.#line.connected || bounds.signal !== undefined || bounds.timeoutMs !== undefined) {
        return this.#persist(operation, intent, bounds);
      }
      const { sessionId } = this.#line;
      return this.#line.request(operation).catch((error: unknown) => {
        if (!(error instanceof Error) || !this.#mayRepeat(error, intent, sessionId)) throw this.#localised(error);
        return this.#persist(operation, intent, bounds, { error, sessionId });
      });
    });
  }

  async #persist<Name extends OperationName>(
    operation: Operation<Name>,
    intent: Intent,
    bounds: Bounds,
    lost?: Lost,
  ): Promise<Reply<Name>> {
    const deadline = performance.now() + this.#options.operationTimeoutMs;
    let sent = lost !== undefined && isUnknown(lost.error);
    let lastLost = lost;
    const subject = {
      op: methodOf(operation.op),
      path: this.#clientPath(operation as Operation),
      outcome: () => (sent && intent !== "read" ? "unknown" : "not-applied") as "unknown" | "not-applied",
    };
    const attempt = async (signal: AbortSignal): Promise<Reply<Name>> => {
      if (!this.#line.connected) {
        await this.#line.whenConnected({ signal, timeoutMs: Math.max(0, deadline - performance.now()) });
      }
      const { sessionId } = this.#line;
      if (lastLost !== undefined && intent === "checked-write" && sessionId !== lastLost.sessionId)
        throw lastLost.error;
      try {
        const reply = this.#line.request(operation);
        sent = true;
        return await reply;
      } catch (error) {
        if (lastLost !== undefined && isUnknown(lastLost.error) && isContradiction(error)) throw lastLost.error;
        if (error instanceof ConnectionLossError && isUnknown(error)) lastLost = { error, sessionId };
        throw error;
      }
    };
    try {
      return await bounded(bounds, subject, (signal) =>
        retrying(() => attempt(signal), {
          policy: this.#options.retry,
          random: this.#options.random,
          signal,
          shouldRetry: (error) =>
            !signal.aborted && performance.now() < deadline && this.#mayRepeat(error, intent, this.#line.sessionId),
        }),
      );
    } catch (error) {
      throw this.#localised(error);
    }
  }

  #mayRepeat(error: Error, intent: Intent, sessionId: bigint | undefined): boolean {
    if (error instanceof ServerError) return error.serverCode === ErrorCode.SESSION_MOVED;
    if (error instanceof ConnectionLossError) {
      if (intent === "checked-write") return sessionId === this.#line.sessionId || !isUnknown(error);
      return intent === "read" || !isUnknown(error);
    }
    return error instanceof SessionExpiredError && intent === "read" && this.#options.outlivesSession;
  }

  #clientPath(operation: Operation): string | undefined {
    return "path" in operation ? this.#options.chroot.toClient(operation.path) : undefined;
  }

  #localised(error: unknown): unknown {
    return withCallerNames(error, this.#options.chroot);
  }
}

interface Lost {
  readonly error: Error;
  readonly sessionId: bigint | undefined;
}

function isUnknown(error: Error): boolean {
  return error instanceof ConnectionLossError && error.outcome === "unknown";
}

/** The answer a checked write gets when its lost first attempt may have been applied after all. */
function isContradiction(error: unknown): boolean {
  return (
    error instanceof ServerError &&
    (error.serverCode === ErrorCode.BAD_VERSION || error.serverCode === ErrorCode.NO_NODE)
  );
}
