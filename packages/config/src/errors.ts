import { QuorateError, type QuorateErrorDetails } from "@quorate/core";
import type { ConfigIssue, InvalidReason } from "./schema/issue.ts";

/** A value that does not fit: what is stored at the server, or what was to be written and was refused before anything was sent. */
export class ConfigInvalidError extends QuorateError {
  readonly code = "CONFIG_INVALID";
  readonly reason: InvalidReason;
  readonly issues: readonly ConfigIssue[];
  /** Of the znode with the value; undefined for a value that was to be written. */
  readonly version: number | undefined;
  readonly mzxid: bigint | undefined;

  constructor(about: string, invalid: InvalidDetails, details: QuorateErrorDetails = {}) {
    super(`${about}: ${invalid.issues.map(inWords).join("; ")}`, details);
    this.reason = invalid.reason;
    this.issues = invalid.issues;
    this.version = invalid.version;
    this.mzxid = invalid.mzxid;
  }
}

interface InvalidDetails {
  readonly reason: InvalidReason;
  readonly issues: readonly ConfigIssue[];
  readonly version?: number | undefined;
  readonly mzxid?: bigint | undefined;
}

/** The package behind a codec is not installed. */
export class MissingPackageError extends QuorateError {
  readonly code = "MISSING_PACKAGE";
  /** The name to give to `npm install`. */
  readonly packageName: string;

  constructor(codec: string, packageName: string, cause: unknown) {
    super(`codec "${codec}" needs the package ${packageName}: npm install ${packageName}`, { cause });
    this.packageName = packageName;
  }
}

/** The snapshot file could not be used, or not be written. Never fatal: the watcher goes on without. */
export class ConfigSnapshotError extends QuorateError {
  readonly code = "CONFIG_SNAPSHOT";
  /** The file as given. */
  readonly file: string;

  constructor(message: string, { file, ...details }: QuorateErrorDetails & { readonly file: string }) {
    super(message, details);
    this.file = file;
  }
}

/** The history does not hold the version that was asked for. */
export class VersionNotKeptError extends QuorateError {
  readonly code = "VERSION_NOT_KEPT";
}

function inWords({ path, message }: ConfigIssue): string {
  return path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`;
}
