import { QuorateError } from "./quorate-error.ts";

/** The bytes of the peer do not follow ZooKeeper's protocol. The connection they came over cannot be trusted any more. */
export class ProtocolError extends QuorateError {
  readonly code = "PROTOCOL";

  constructor(message: string, details: { readonly cause?: unknown } = {}) {
    super(message, { ...details, retryable: true });
  }
}
