import { type CacheChange, type Client, InvalidArgumentError } from "@quorate/core";
import { Bell, clampDelay, stoppable, validatePath } from "@quorate/core/recipe";
import { type Liveness, Lives } from "./lives.ts";

export interface WatchAliveOptions {
  /** Default `node`: the process whose node is at the path. `children`: every process that has a node in this directory. */
  readonly mode?: "node" | "children" | undefined;
  /**
   * How long a process stays suspected after its node went, milliseconds: time to come back after it lost its session. Default 0: dead at
   * once.
   */
  readonly graceMs?: number | undefined;
  /** Finishes the iteration. */
  readonly signal?: AbortSignal | undefined;
}

/** How often a view that is out of date is looked at, milliseconds: nothing tells when it is up to date again. */
const recheckMs = 50;

/**
 * Follows whether a process, or each of a directory, is alive: what is known now, and then every newer status. A slow reader misses what was
 * overtaken. A path without a node is `dead` from the start; of a directory, the living are told at the start, and one who died is told once.
 * Finishes when `signal` aborts or the client is closed.
 *
 * @throws InvalidArgumentError; NoAuthError, from the iteration, if the path may not be read
 */
export function watchAlive(
  client: Client,
  path: string,
  { mode = "node", graceMs = 0, signal }: WatchAliveOptions = {},
): AsyncIterableIterator<Liveness, void, undefined> {
  validatePath(path, "watchAlive");
  if (mode !== "node" && mode !== "children") throw refused(path, "mode", mode, `"node" or "children"`);
  if (!(typeof graceMs === "number" && graceMs >= 0)) {
    throw refused(path, "graceMs", graceMs, "a number of milliseconds from 0 up");
  }
  return stoppable(signal, (inner) => follow(client, path, { mode, graceMs, signal: inner }));
}

type Scope = Omit<WatchAliveOptions, "signal"> & { readonly signal: AbortSignal };

async function* follow(
  client: Client,
  path: string,
  { mode = "node", graceMs = 0, signal }: Scope,
): AsyncGenerator<Liveness, void, undefined> {
  await using cache = await client.cache(path, { mode, data: false, signal });
  const lives = new Lives(graceMs);
  for (const [seen, { stat }] of cache.entries()) lives.seen(seen, stat, performance.now());
  if (mode === "node" && cache.size === 0) lives.gone(path, performance.now());

  const bell = new Bell();
  const changes = new Reading(cache.changes({ signal }), (change) => record(change, lives), bell);
  const states = new Reading(client.states({ signal }), () => {}, bell);
  while (!changes.isOver) {
    const now = performance.now();
    const isCurrent = client.state === "connected" && !cache.stale;
    lives.setCertain(isCurrent, now);
    const liveness = lives.next(now);
    if (liveness === undefined) {
      const deathInMs = (lives.nextDeathAt ?? Number.POSITIVE_INFINITY) - now;
      const isCatchingUp = !isCurrent && client.state === "connected";
      await heardWithin(bell, isCatchingUp ? Math.min(deathInMs, recheckMs) : deathInMs);
    } else {
      if (mode === "children" && liveness.status === "dead") lives.forget(liveness.path);
      yield liveness;
    }
  }
  await Promise.all([changes.end, states.end]);
}

function record(change: CacheChange, lives: Lives): void {
  if (change.type === "removed") lives.gone(change.path, performance.now());
  else lives.seen(change.path, change.node.stat, performance.now());
}

/** Reads an iteration to its end, ringing for every item and at the end. */
class Reading<T> {
  isOver = false;
  readonly end: Promise<void>;

  constructor(items: AsyncIterable<T>, take: (item: T) => void, bell: Bell) {
    const read = async (): Promise<void> => {
      for await (const item of items) {
        take(item);
        bell.ring();
      }
    };
    this.end = read().finally(() => {
      this.isOver = true;
      bell.ring();
    });
    this.end.catch(() => {});
  }
}

async function heardWithin(bell: Bell, timeoutMs: number): Promise<void> {
  const timer = Number.isFinite(timeoutMs) ? setTimeout(() => bell.ring(), clampDelay(timeoutMs)) : undefined;
  await bell.heard();
  clearTimeout(timer);
}

function refused(path: string, option: string, value: unknown, wanted: string): InvalidArgumentError {
  return new InvalidArgumentError(`${option} ${String(value)} is not ${wanted}`, { op: "watchAlive", path });
}
