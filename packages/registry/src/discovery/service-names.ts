import type { CacheChange, ChildrenCache } from "@quorate/core";
import { nodeName, onAbort, stoppable } from "@quorate/core/recipe";
import type { SharedCache } from "./shared-caches.ts";

/** `snapshot`: the names there are; the first event. */
export type ServiceNamesChange =
  | { readonly type: "snapshot"; readonly names: readonly string[] }
  | { readonly type: "added"; readonly name: string }
  | { readonly type: "removed"; readonly name: string };

/** The names of all services, always current. Made by `ServiceRegistry.services()`. */
export class ServiceNames implements AsyncDisposable {
  readonly #shared: SharedCache;
  readonly #onClose: (names: AsyncDisposable) => void;
  readonly #stop = new AbortController();

  /** Use `ServiceRegistry.services()`. */
  constructor(shared: SharedCache, onClose: (names: AsyncDisposable) => void) {
    this.#shared = shared;
    this.#onClose = onClose;
  }

  /**
   * In alphabetical order. A service without instances is among them until the servers remove its directory, some time after the last one
   * went.
   */
  get names(): readonly string[] {
    return [...this.#cache.children()].sort();
  }

  /** Whether the names may be out of date, as with a discovered service. */
  get stale(): boolean {
    return this.#stop.signal.aborted || this.#cache.stale;
  }

  /** Follows the names: a snapshot, then what changes. Finishes when `signal` aborts, or this or the client is closed. */
  watch(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<ServiceNamesChange, void, undefined> {
    return stoppable(options.signal, (signal) => this.#watch(signal));
  }

  /** Follows them no longer. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#onClose(this);
    await this.#shared.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #cache(): ChildrenCache {
    return this.#shared.cache;
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<ServiceNamesChange, void, undefined> {
    const changes = this.#cache.changes({ signal });
    const unfollow = onAbort(this.#stop.signal, () => void changes.return?.());
    try {
      yield { type: "snapshot", names: this.names };
      if (this.#stop.signal.aborted) return;
      for await (const change of changes) {
        // A directory written to, or made anew, is a service still.
        if (change.type !== "updated") yield nameChange(change);
      }
    } finally {
      unfollow();
    }
  }
}

function nameChange({ type, path }: Exclude<CacheChange, { type: "updated" }>): ServiceNamesChange {
  return { type, name: nodeName(path) };
}
