import type { ChildrenCache, Client } from "@quorate/core";
import { type Bounds, type Subject, within } from "@quorate/core/recipe";

/** One user's share of a cache. */
export interface SharedCache {
  readonly cache: ChildrenCache;
  /** Idempotent. The cache goes with its last user. */
  release(): Promise<void>;
}

interface Held {
  readonly opening: Promise<ChildrenCache>;
  readonly controller: AbortController;
  users: number;
}

/** The caches of one registry: one for each path however many use it, and one watch at the server for all of them. */
export class SharedCaches {
  readonly #client: Client;
  readonly #watchAt: string;
  readonly #held = new Map<string, Held>();

  /** @param watchAt a path above all that are asked for */
  constructor(client: Client, watchAt: string) {
    this.#client = client;
    this.#watchAt = watchAt;
  }

  /**
   * The children of a path, once all of them have been read.
   *
   * @param data whether their data is kept; always the same for one path
   */
  async open(path: string, data: boolean, bounds: Bounds, subject: Subject): Promise<SharedCache> {
    const held = this.#held.get(path) ?? this.#hold(path, data);
    held.users++;
    let isReleased = false;
    const release = async (): Promise<void> => {
      if (isReleased) return;
      isReleased = true;
      if (--held.users === 0) await this.#drop(path, held);
    };
    try {
      return { cache: await within(bounds, subject, () => held.opening), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  #hold(path: string, data: boolean): Held {
    const controller = new AbortController();
    const { signal } = controller;
    const opening = this.#client.cache(path, { mode: "children", data, watchAt: this.#watchAt, signal });
    const held = { opening, controller, users: 0 };
    this.#held.set(path, held);
    // One that the server refused, or that ended with the client, is of no use to whoever comes next.
    const forget = (): void => this.#forget(path, held);
    opening.then(async (cache) => cache.ended.then(forget), forget);
    return held;
  }

  async #drop(path: string, held: Held): Promise<void> {
    this.#forget(path, held);
    held.controller.abort();
    await held.opening.then(
      (cache) => cache.close(),
      () => {},
    );
  }

  #forget(path: string, held: Held): void {
    if (this.#held.get(path) === held) this.#held.delete(path);
  }
}
