import { type Client, NoAuthError, NoNodeError, type Stat } from "@quorate/core";

export interface SubtreeNode {
  readonly path: string;
  readonly depth: number;
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

export interface SubtreeOptions {
  /** Levels below the root; default all. */
  readonly maxDepth?: number | undefined;
  /** Ends the walk, with what was found up to then. Default no bound. */
  readonly maxNodes?: number | undefined;
  /** Told of what may not be read; it is left out. Default: that is an error. */
  readonly onForbidden?: ((path: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Requests on their way at once: enough to hide the round trips, and no burst for the servers. */
const batchSize = 64;

export function childPath(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

/**
 * A znode and what is below it, parents before their children, siblings by name. What goes away meanwhile is left out. Reads level by level;
 * not a snapshot.
 *
 * @throws NoNodeError when the root is missing
 */
export async function readSubtree(client: Client, root: string, options: SubtreeOptions): Promise<SubtreeNode[]> {
  const { maxDepth = Number.POSITIVE_INFINITY, maxNodes = Number.POSITIVE_INFINITY, signal } = options;
  const found = new Map<string, SubtreeNode>();
  const read = async (path: string, depth: number): Promise<string[]> => {
    try {
      const { data, stat } = await client.get(path, { signal });
      found.set(path, { path, depth, data, stat });
      if (depth >= maxDepth || stat.numChildren === 0) return [];
      return (await client.children(path, { signal })).map((name) => childPath(path, name));
    } catch (error) {
      if (error instanceof NoNodeError && depth > 0) return [];
      if (!(error instanceof NoAuthError) || options.onForbidden === undefined) throw error;
      options.onForbidden(path);
      return [];
    }
  };
  let level = [root];
  for (let depth = 0; level.length > 0 && found.size < maxNodes; depth++) {
    const next: string[] = [];
    for (let at = 0; at < level.length && found.size < maxNodes; at += batchSize) {
      const batch = level.slice(at, at + batchSize);
      next.push(...(await Promise.all(batch.map((path) => read(path, depth)))).flat());
    }
    level = next;
  }
  return [...found.values()].sort((a, b) => inTreeOrder(a.path, b.path));
}

/** By components, so that `/a/b` stands before `/a-b`. */
function inTreeOrder(a: string, b: string): number {
  const [left, right] = [a.replaceAll("/", "\u0000"), b.replaceAll("/", "\u0000")];
  return left < right ? -1 : left > right ? 1 : 0;
}
