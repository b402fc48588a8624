import { QuorateError, type QuorateErrorDetails } from "@quorate/protocol";

/** The embedded server cannot do what it was asked: an option out of range, a port that is taken, a session it does not know. */
export class EmbeddedServerError extends QuorateError {
  readonly code = "EMBEDDED_SERVER";

  constructor(message: string, details: QuorateErrorDetails = {}) {
    super(message, details);
  }
}
