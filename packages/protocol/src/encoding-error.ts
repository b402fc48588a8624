import { QuorateError } from "./quorate-error.ts";

/** A value does not fit the type it has on the wire: a mistake of the caller, found before anything was sent. */
export class EncodingError extends QuorateError {
  readonly code = "ENCODING";
}
