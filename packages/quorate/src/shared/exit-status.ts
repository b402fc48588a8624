import type { QuorateError } from "@quorate/core";

/** What the command ends with. The table for people is in docs/command.md. */
export const ExitStatus = {
  ok: 0,
  /** The answer to what was asked is no: no quorum, nobody leads, a check failed. */
  no: 1,
  usage: 2,
  noNode: 3,
  /** Exists already, has another version, has children. */
  conflict: 4,
  denied: 5,
  unreachable: 6,
  timeout: 7,
  failed: 8,
  /** These four are of the commands that run a command, whose own status is passed on otherwise; the last three as `timeout(1)` has them. */
  leaseLost: 123,
  notObtained: 124,
  notRun: 125,
  notExecutable: 126,
  notFound: 127,
  brokenPipe: 141,
} as const;

/** What a shell makes of a process ended by a signal. */
export function statusOfSignal(signalNumber: number): number {
  return 128 + signalNumber;
}

const statuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: ExitStatus.usage,
  NO_NODE: ExitStatus.noNode,
  VERSION_NOT_KEPT: ExitStatus.noNode,
  NODE_EXISTS: ExitStatus.conflict,
  BAD_VERSION: ExitStatus.conflict,
  NOT_EMPTY: ExitStatus.conflict,
  NO_AUTH: ExitStatus.denied,
  AUTH_FAILED: ExitStatus.denied,
  SESSION_CLOSED_REQUIRE_SASL_AUTH: ExitStatus.denied,
  CONNECT: ExitStatus.unreachable,
  CONNECTION_LOSS: ExitStatus.unreachable,
  SESSION_EXPIRED: ExitStatus.unreachable,
  CLOSED: ExitStatus.unreachable,
  TIMEOUT: ExitStatus.timeout,
  LEASE_LOST: ExitStatus.leaseLost,
};

export function statusOfError(error: unknown): number {
  if (isUsageError(error)) return ExitStatus.usage;
  const code = codeOf(error);
  // A connect that failed for want of permission is told by its cause.
  if (code === "CONNECT" && codeOf((error as QuorateError).cause) === "AUTH_FAILED") return ExitStatus.denied;
  return (code === undefined ? undefined : statuses[code]) ?? ExitStatus.failed;
}

/** The stable code of any Quorate error, from whichever copy of the package. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** The command was called in a way that can never work. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A failure of the command itself, with the status to end with. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

function isUsageError(error: unknown): boolean {
  return error instanceof UsageError;
}
