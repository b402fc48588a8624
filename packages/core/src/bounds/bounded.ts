import { AbortedError, InvalidArgumentError, type Outcome, TimeoutError } from "../errors/client-errors.ts";
import { onAbort } from "./on-abort.ts";
import { checkOptions, shown } from "./options.ts";

/** How long a caller is willing to wait. */
export interface Bounds {
  /** Cancels the wait: the call rejects with AbortedError, its cause the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds, at least 0; the call rejects with TimeoutError once they passed. It is the only bound in time then, also of the wait for a
   * server that cannot be reached; Infinity waits as long as it takes. Default: none of its own.
   */
  readonly timeoutMs?: number | undefined;
}

/** What the errors name. */
export interface Subject {
  readonly op: string;
  readonly path?: string | undefined;
  /** Asked when a bound is hit. Default `"unknown"`. */
  readonly outcome?: () => Outcome;
}

/**
 * Runs `run` within bounds. The returned promise settles as soon as a bound is hit, whatever `run` does; `run` is told by the signal it is
 * given (its reason the very error thrown here) and goes on alone to clean up. What it throws after that is of no interest to anybody; what
 * it still brings is given to `discard`, as the caller will never see it.
 *
 * @throws InvalidArgumentError, AbortedError, TimeoutError
 */
export async function bounded<T>(
  bounds: Bounds,
  subject: Subject,
  run: (signal: AbortSignal) => Promise<T>,
  discard?: (value: T) => unknown,
): Promise<T> {
  checkBounds(bounds, subject);
  const { signal, timeoutMs } = bounds;
  if (signal?.aborted) throw aborted(signal, { ...subject, outcome: () => "not-applied" });
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const stop = (error: Error): void => {
      settle();
      controller.abort(error);
      reject(error);
    };
    const timer =
      timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => stop(timedOut(timeoutMs, subject)), clampDelay(timeoutMs));
    const settle = (): void => {
      clearTimeout(timer);
      unfollow();
    };
    const unfollow = onAbort(signal, () => stop(aborted(signal as AbortSignal, subject)));
    started(run, controller.signal).then(
      (value) => {
        if (controller.signal.aborted) {
          discard?.(value);
        } else {
          settle();
          resolve(value);
        }
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/**
 * As {@link bounded}, for what makes calls of its own: the time is kept once, around them all, and they are told by the inner bounds whether
 * it is. Without bounds `run` is started at once and nothing is added to it.
 */
export async function within<T>(
  bounds: Bounds,
  subject: Subject,
  run: (inner: Bounds) => Promise<T>,
  discard?: (value: T) => unknown,
): Promise<T> {
  checkOptions(bounds, subject);
  if (bounds.signal === undefined && bounds.timeoutMs === undefined) return run({});
  const timeoutMs = bounds.timeoutMs === undefined ? undefined : Number.POSITIVE_INFINITY;
  return bounded(bounds, subject, (signal) => run({ signal, timeoutMs }), discard);
}

/** Runs at once; what is thrown before the first await is a rejection too. */
async function started<T>(run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return run(signal);
}

/** Above this the timers of Node.js fire at once. */
const maxDelayMs = 2 ** 31 - 1;

export function clampDelay(delayMs: number): number {
  return Math.min(Math.max(delayMs, 0), maxDelayMs);
}

/**
 * @throws InvalidArgumentError
 */
export function checkBounds(bounds: Bounds, { op, path }: Subject): void {
  checkOptions(bounds, { op, path });
  const { signal, timeoutMs } = bounds;
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 0)) {
    const message = `timeoutMs ${shown(timeoutMs)} is not a number of milliseconds from 0 up`;
    throw new InvalidArgumentError(message, { op, path });
  }
  // By its shape: there are other implementations than the global one.
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    throw new InvalidArgumentError("signal is not an AbortSignal", { op, path });
  }
}

function aborted(signal: AbortSignal, subject: Subject): AbortedError {
  return new AbortedError(`${describe(subject)}: aborted by the caller's signal`, {
    ...details(subject),
    cause: signal.reason,
  });
}

function timedOut(timeoutMs: number, subject: Subject): TimeoutError {
  return new TimeoutError(`${describe(subject)}: not done within ${timeoutMs} ms`, details(subject));
}

function describe({ op, path }: Subject): string {
  return path === undefined ? op : `${op} ${path}`;
}

function details({ op, path, outcome }: Subject): { op: string; path: string | undefined; outcome: Outcome } {
  return { op, path, outcome: outcome?.() ?? "unknown" };
}
