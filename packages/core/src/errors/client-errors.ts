import { QuorateError, type QuorateErrorDetails } from "@quorate/protocol";
import type { Capability } from "../driver/capability.ts";

/**
 * What is known about a write that failed: `"not-applied"` if it provably never took effect, `"unknown"` if it was on its way and the
 * answer was lost.
 */
export type Outcome = "unknown" | "not-applied";

interface OutcomeDetails extends QuorateErrorDetails {
  readonly outcome?: Outcome | undefined;
}

/** What ended before its answer came: whether a write took effect has to be said. */
abstract class OutcomeError extends QuorateError {
  /** Default `"unknown"`. */
  readonly outcome: Outcome;

  constructor(message: string, details: OutcomeDetails = {}) {
    super(message, details);
    this.outcome = details.outcome ?? "unknown";
  }
}

/** The connection broke before the answer came, or none could be had in time. */
export class ConnectionLossError extends OutcomeError {
  readonly code = "CONNECTION_LOSS";

  constructor(message: string, details: OutcomeDetails = {}) {
    super(message, { ...details, retryable: true });
  }
}

/** The ZooKeeper session ended: by the server's word, or because the local deadline passed without any server's answer. */
export class SessionExpiredError extends OutcomeError {
  readonly code = "SESSION_EXPIRED";
  /** Who said so: the server, or the local deadline. */
  readonly endedBy: "server" | "deadline";

  constructor(
    message: string,
    details: OutcomeDetails & { readonly endedBy?: "server" | "deadline" | undefined } = {},
  ) {
    super(message, details);
    this.endedBy = details.endedBy ?? "server";
  }
}

/** The client, session or recipe was closed, or was being closed, when this was asked of it. */
export class ClosedError extends OutcomeError {
  readonly code = "CLOSED";
}

/** `timeoutMs` passed. */
export class TimeoutError extends OutcomeError {
  readonly code = "TIMEOUT";

  constructor(message: string, details: OutcomeDetails = {}) {
    super(message, { ...details, retryable: true });
  }
}

/** The caller's `signal` aborted; its reason is the `cause`. */
export class AbortedError extends OutcomeError {
  readonly code = "ABORTED";
}

/** No session could be opened. `attempts` lists every server tried, newest failure of each. */
export class ConnectError extends QuorateError {
  readonly code = "CONNECT";
  readonly attempts: readonly ConnectAttempt[];

  constructor(message: string, details: QuorateErrorDetails & { readonly attempts: readonly ConnectAttempt[] }) {
    super(message, { ...details, retryable: true });
    this.attempts = details.attempts;
  }
}

export interface ConnectAttempt {
  /** `host:port` as given in the connect string. */
  readonly server: string;
  readonly cause: Error;
}

/** An argument or option that can never work, found before anything was sent. */
export class InvalidArgumentError extends QuorateError {
  readonly code = "INVALID_ARGUMENT";
}

/** The request is larger than the server accepts (`jute.maxbuffer`); it was not sent, as the server would have cut the connection. */
export class TooLargeError extends QuorateError {
  readonly code = "TOO_LARGE";
}

/** The server or the driver in use cannot do this; the message names what can. */
export class UnsupportedError extends QuorateError {
  readonly code = "UNSUPPORTED";
  /** What the driver in use lacks; undefined where the server lacks it. */
  readonly capability: Capability | undefined;

  constructor(message: string, details: QuorateErrorDetails & { readonly capability?: Capability | undefined } = {}) {
    super(message, details);
    this.capability = details.capability;
  }
}

/** What a lease stood for may be held by someone else now. */
export class LeaseLostError extends QuorateError {
  readonly code = "LEASE_LOST";
  readonly reason: LeaseLostReason;

  constructor(message: string, details: QuorateErrorDetails & { readonly reason: LeaseLostReason }) {
    super(message, details);
    this.reason = details.reason;
  }
}

/**
 * `session-ended`: the server's word, or the client was closed. `deadline-passed`: no server confirmed the session in time.
 * `node-deleted`: someone else removed the holder's znode. `suspended`: the connection is away and the recipe's policy does not wait.
 * `released`: given back by the holder itself.
 */
export type LeaseLostReason = "session-ended" | "deadline-passed" | "node-deleted" | "suspended" | "released";
