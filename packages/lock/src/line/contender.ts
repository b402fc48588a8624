import { hostname } from "node:os";
import { pid } from "node:process";
import { type Client, InvalidArgumentError, NoNodeError, type Znode } from "@quorate/core";
import { type Bounds, inOrder, joinPath, type WaitingLine, within } from "@quorate/core/recipe";

/** One who holds a lock or waits for it. */
export interface LockContender {
  /** Its znode. */
  readonly path: string;
  /** The `id` option of its lock; kazoo's identifier. Undefined where it tells none, and once it was asked to hand the lock over. */
  readonly id: string | undefined;
  /** Its host's name; the address for Curator. */
  readonly host: string | undefined;
  /** The session it stands and falls with. */
  readonly sessionId: bigint;
  /** The token of its lease if it holds, or once it does. */
  readonly fencingToken: bigint;
  /** When it lined up, milliseconds since 1970 by the server's clock: for people to read. */
  readonly since: number;
}

/** What is written to the znode of a holder who is asked to hand the lock over: Curator's word for it. */
export const revokeMessage = "__REVOKE__";

/**
 * A contender's data: who it is.
 *
 * @throws InvalidArgumentError
 */
export function contenderData(id: string = `${pid}@${hostname()}`): string {
  if (typeof id !== "string" || id === "") throw new InvalidArgumentError("id is not a text", { op: "lock" });
  return JSON.stringify({ id, host: hostname() });
}

/** Everyone in line, the first one first. Who leaves while this looks is left out. */
export function contendersIn(client: Client, line: WaitingLine, bounds: Bounds): Promise<LockContender[]> {
  return within(bounds, { op: "queue", path: line.directory }, async (inner) => {
    const found = (await namesIn(client, line, inner)).map((name) => contenderAt(client, line, name, inner));
    return (await Promise.all(found)).filter((contender) => contender !== undefined);
  });
}

/** Whoever is first in line. */
export async function firstIn(client: Client, line: WaitingLine, bounds: Bounds): Promise<LockContender | undefined> {
  for (;;) {
    const [first] = await namesIn(client, line, bounds);
    if (first === undefined) return undefined;
    const contender = await contenderAt(client, line, first, bounds);
    if (contender !== undefined) return contender;
  }
}

/** Names of those in line, the first one first. */
async function namesIn(
  client: Client,
  { directory, marker, others = [] }: WaitingLine,
  bounds: Bounds,
): Promise<string[]> {
  try {
    return inOrder(await client.children(directory, bounds), marker, ...others).map(({ name }) => name);
  } catch (error) {
    if (error instanceof NoNodeError) return [];
    throw error;
  }
}

async function contenderAt(
  client: Client,
  { directory }: WaitingLine,
  name: string,
  bounds: Bounds,
): Promise<LockContender | undefined> {
  const path = joinPath(directory, name);
  let znode: Znode;
  try {
    znode = await client.get(path, bounds);
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
  const { ephemeralOwner: sessionId, czxid: fencingToken, ctime } = znode.stat;
  return { path, ...identity(znode.data), sessionId, fencingToken, since: Number(ctime) };
}

/** By what ours, Curator's (its address) and kazoo's (its identifier) write. */
function identity(data: Uint8Array | null): Pick<LockContender, "id" | "host"> {
  const text = data === null ? "" : Buffer.from(data).toString();
  if (text === "" || text === revokeMessage) return { id: undefined, host: undefined };
  try {
    const told = JSON.parse(text) as { readonly id?: unknown; readonly host?: unknown } | null;
    if (typeof told?.id === "string" && typeof told.host === "string") return { id: told.id, host: told.host };
  } catch {
    // Plain text.
  }
  const isAddress = /^(\d{1,3}\.){3}\d{1,3}$|^[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(text);
  return isAddress ? { id: undefined, host: text } : { id: text, host: undefined };
}
