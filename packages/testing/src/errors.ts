import { QuorateError, type QuorateErrorDetails } from "@quorate/protocol";

/**
 * The ensemble could not be made, a member could not be brought into the state asked for, or the ensemble did not get ready in time.
 * Docker's or Java's own words are in the message or the `cause`.
 */
export class EnsembleError extends QuorateError {
  readonly code = "ENSEMBLE";
  /** The member it is about; undefined when it is about the whole. */
  readonly memberId: number | undefined;

  constructor(message: string, details: QuorateErrorDetails & { readonly memberId?: number } = {}) {
    super(message, details);
    this.memberId = details.memberId;
  }
}
