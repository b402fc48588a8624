import { QuorateError } from "@quorate/core";

/** Its owner holds the lock for reading and asked to write: it would wait for itself. Release the read lock first. */
export class UpgradeRefusedError extends QuorateError {
  readonly code = "UPGRADE_REFUSED";
}
