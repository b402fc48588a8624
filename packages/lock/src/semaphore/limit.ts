import {
  type Client,
  InvalidArgumentError,
  NodeExistsError,
  NoNodeError,
  QuorateError,
  type Session,
} from "@quorate/core";
import { type Bounds, overLoss, validatePath, within } from "@quorate/core/recipe";

/** A limit that is kept in a znode and may be changed at any time, as Curator's `SharedCount` keeps it: a big-endian int32. */
export interface SharedLimit {
  /** Not below the semaphore's own path. */
  readonly path: string;
  /** What counts while there is no such znode. Default 0: everybody waits. */
  readonly initial?: number;
}

/** The znode of a shared limit holds something else than a big-endian int32. */
export class BadLimitError extends QuorateError {
  readonly code = "BAD_LIMIT";
}

const maxLimit = 2 ** 31 - 1;

/**
 * @throws InvalidArgumentError
 */
export function checkLimit(limit: number | SharedLimit, path: string): void {
  if (typeof limit === "number") return checkCount(limit, "limit", path);
  validatePath(limit.path, "lock");
  if (limit.initial !== undefined) checkCount(limit.initial, "initial limit", path);
}

/**
 * @throws InvalidArgumentError
 */
export function checkCount(count: number, what: string, path: string, least = 0): void {
  if (Number.isInteger(count) && count >= least && count <= maxLimit) return;
  const message = `${what} ${String(count)} is not a whole number within ${least}..${maxLimit}`;
  throw new InvalidArgumentError(message, { op: "lock", path });
}

/**
 * The limit as the server in use knows it.
 *
 * @throws BadLimitError; the server's refusal; the session's end
 */
export async function readLimit(session: Session, limit: number | SharedLimit): Promise<number> {
  if (typeof limit === "number") return limit;
  const { path, initial = 0 } = limit;
  try {
    const { data } = await overLoss(() => session.get(path));
    if (data?.length !== 4) throw new BadLimitError(`the limit at ${path} is not an int32`, { op: "lock", path });
    return Buffer.from(data).readInt32BE();
  } catch (error) {
    if (error instanceof NoNodeError) return initial;
    throw error;
  }
}

/** Writes a shared limit; makes its znode and the parents if they are missing. */
export function writeLimit(client: Client, path: string, limit: number, bounds: Bounds): Promise<void> {
  const data = Buffer.alloc(4);
  data.writeInt32BE(limit);
  return within(bounds, { op: "setLimit", path }, (inner) => write(client, path, data, inner));
}

async function write(client: Client, path: string, data: Uint8Array, bounds: Bounds): Promise<void> {
  for (;;) {
    try {
      await client.set(path, data, bounds);
      return;
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
    }
    try {
      await client.create(path, data, { ...bounds, parents: true });
      return;
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
    }
  }
}
