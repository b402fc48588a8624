/** Registered, so that every copy of this package has the same one. */
const brand: symbol = Symbol.for("@quorate/error");

/**
 * The root of every error the SDK throws. `code` is stable across releases and made for programs, the message for people. No error carries
 * secrets or a znode's data.
 */
export abstract class QuorateError extends Error {
  /** Stable, upper-case code such as `"NO_NODE"`. */
  abstract readonly code: string;
  /** Whether the same call may succeed when it is simply made again. */
  readonly retryable: boolean;
  /** The znode path the operation was about, as the caller wrote it. */
  readonly path: string | undefined;
  /** The operation that failed, such as `"create"`. */
  readonly op: string | undefined;

  constructor(message: string, details: QuorateErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.retryable = details.retryable ?? false;
    this.path = details.path;
    this.op = details.op;
  }

  /** Recognises errors across duplicate copies of the package, where `instanceof` fails. */
  static isQuorateError(value: unknown): value is QuorateError {
    return typeof value === "object" && value !== null && brand in value;
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }
}

/** What an error is told besides its message. */
export interface QuorateErrorDetails {
  readonly path?: string | undefined;
  readonly op?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}
