import { type Client, type Created, NoNodeError, type Session, type Watch } from "@quorate/core";
import { deleteOwn, joinPath, Latest, nodeName, onAbort, overLoss } from "@quorate/core/recipe";
import { readLimit, type SharedLimit } from "./limit.ts";

/** What stands before the sequence number of a permit: Curator's mark. */
export const permitMarker = "lease-";

export interface PermitsOptions {
  readonly directory: string;
  readonly limit: number | SharedLimit;
  /** Of each permit's znode. */
  readonly data: string;
}

/** How many permits are taken, and how many there are. The limit is as of the same moment or later. */
export interface Count {
  readonly names: readonly string[];
  readonly limit: number;
}

/** The permits of a semaphore: one znode each. Made only by whoever is first in the semaphore's line. */
export class Permits {
  readonly #client: Client;
  readonly #options: PermitsOptions;

  constructor(client: Client, options: PermitsOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Requests leave at once. */
  async count(session: Session): Promise<Count> {
    const { directory, limit } = this.#options;
    const [names, limitNow] = await Promise.all([
      overLoss(() => session.children(directory)).catch((error: unknown) => {
        if (error instanceof NoNodeError) return [];
        throw error;
      }),
      readLimit(session, limit),
    ]);
    return { names, limit: limitNow };
  }

  /**
   * Waits until so many are free: looks again whenever one is given back or the limit is changed.
   *
   * @throws an ending's reason; the server's refusal; the session's end
   */
  async untilFree(session: Session, permits: number, endings: readonly (AbortSignal | undefined)[]): Promise<void> {
    const end = new AbortController();
    const changes = new Latest(0);
    const failures: unknown[] = [];
    const ring = (): void => changes.set(changes.value + 1);
    const offs = endings.map((signal) => onAbort(signal, () => end.abort()));
    for (const watch of this.#watches(end.signal)) {
      eachEvent(watch, ring).catch((error: unknown) => {
        failures.push(error);
        ring();
      });
    }
    try {
      for (const signal of endings) signal?.throwIfAborted();
      for await (const _ of changes.follow(end.signal)) {
        if (failures.length > 0) throw failures[0];
        if (isRoom(await this.count(session), permits)) return;
      }
      for (const signal of endings) signal?.throwIfAborted();
    } finally {
      for (const off of offs) off();
      end.abort();
    }
  }

  /**
   * Takes so many.
   *
   * @returns undefined if the limit was lowered meanwhile; none is taken then, as when it throws
   */
  async take(session: Session, permits: number): Promise<Created[] | undefined> {
    const { directory, data } = this.#options;
    const creating = Array.from({ length: permits }, () =>
      session.create(joinPath(directory, permitMarker), data, {
        mode: "ephemeral-sequential",
        protected: true,
        parents: "container",
      }),
    );
    const counting = this.count(session).catch(() => undefined);
    const made = await Promise.allSettled(creating);
    const created = made.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    try {
      await Promise.all(creating);
      const early = await counting;
      // Creations that went twice, for missing parents or a lost answer, came after the count.
      const isComplete = created.every(({ path }) => early?.names.includes(nodeName(path)));
      const { names, limit } = early !== undefined && isComplete ? early : await this.count(session);
      if (names.length <= limit) return created;
    } catch (error) {
      await this.#giveBack(session, created);
      throw error;
    }
    await this.#giveBack(session, created);
    return undefined;
  }

  *#watches(signal: AbortSignal): Generator<Watch> {
    const { directory, limit } = this.#options;
    yield this.#client.watch(directory, { mode: "children", signal });
    if (typeof limit !== "number") yield this.#client.watch(limit.path, { signal });
  }

  async #giveBack(session: Session, created: readonly Created[]): Promise<void> {
    for (const ending of await Promise.allSettled(created.map(({ path }) => deleteOwn(session, path)))) {
      if (ending.status === "rejected") {
        this.#client.logger.error(`could not give back a permit of ${this.#options.directory}`, {
          error: ending.reason,
        });
      }
    }
  }
}

export function isRoom({ names, limit }: Count, permits: number): boolean {
  return names.length + permits <= limit;
}

async function eachEvent(watch: Watch, listener: () => void): Promise<void> {
  for await (const _ of watch) listener();
}
