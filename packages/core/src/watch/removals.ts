import type { SessionLink } from "../session/session-link.ts";

/**
 * Takes watches from the server. Nobody waits for that; what fails because the connection is away is done when it is back, as the driver
 * would otherwise go on arming a watch nobody wants.
 */
export class Removals {
  readonly #open = new Map<string, number>();

  /** @param type bits of WatcherType */
  remove(link: SessionLink, path: string, type: number): void {
    if (!link.capabilities.has("remove-watches")) return;
    if (!link.connected) return this.#postpone(path, type);
    link.request({ op: "removeWatches", path, type }).catch((error: { readonly code?: unknown }) => {
      // Any other answer says that there is nothing to remove, or that this server cannot.
      if (error.code === "CONNECTION_LOSS") this.#postpone(path, type);
    });
  }

  reconnected(link: SessionLink, isWanted: (path: string) => boolean): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const [path, type] of open) {
      if (!isWanted(path)) this.remove(link, path, type);
    }
  }

  /** The session ended, and its watches with it. */
  clear(): void {
    this.#open.clear();
  }

  #postpone(path: string, type: number): void {
    this.#open.set(path, (this.#open.get(path) ?? 0) | type);
  }
}
