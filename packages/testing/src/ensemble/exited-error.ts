import { EnsembleError } from "../errors.ts";

/** A member ended by itself; what it said last tells why. */
export function exitedError(memberId: number, logs: string): EnsembleError {
  return new EnsembleError(`member ${memberId} has exited:\n${logs}`, { memberId });
}
