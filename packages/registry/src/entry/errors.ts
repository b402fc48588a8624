import { QuorateError, type QuorateErrorDetails } from "@quorate/core";

/** A registered entry, or a payload, is not what it must be. Neither the message nor a cause shows any of its data. */
export class InvalidEntryError extends QuorateError {
  readonly code = "INVALID_ENTRY";
}

/** There is no instance that could be picked. */
export class NoInstanceError extends QuorateError {
  readonly code = "NO_INSTANCE";

  constructor(message: string, details: QuorateErrorDetails = {}) {
    super(message, { ...details, retryable: true });
  }
}
