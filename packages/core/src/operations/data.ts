import { checkOptions, shown } from "../bounds/options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";

/** A znode's content: bytes, text sent as UTF-8, or none. */
export type Data = Uint8Array | string | null | undefined;

/**
 * @throws InvalidArgumentError
 */
export function bytesOf(data: Data, subject: { readonly op: string; readonly path?: string }): Uint8Array | null {
  if (data === null || data === undefined) return null;
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof Uint8Array) return data;
  throw new InvalidArgumentError(`data is neither a Uint8Array nor a string nor null but ${typeof data}`, subject);
}

/**
 * @throws InvalidArgumentError
 */
export function versionIn(
  options: { readonly version?: number | undefined },
  subject: { readonly op: string; readonly path?: string },
): number {
  checkOptions(options, subject);
  return checkedVersion(options.version, subject);
}

/**
 * -1, the default, matches any version.
 *
 * @throws InvalidArgumentError
 */
export function checkedVersion(
  version: number | undefined,
  subject: { readonly op: string; readonly path?: string },
): number {
  if (version === undefined) return -1;
  if (!Number.isInteger(version) || version < -1 || version > 2 ** 31 - 1) {
    throw new InvalidArgumentError(`version ${shown(version)} is not a whole number from -1 up`, subject);
  }
  return version;
}
