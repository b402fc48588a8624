import type { Znode } from "./znode.ts";

const none: ReadonlySet<string> = new Set();

/** Which znodes end with which session, and which are reaped some day. */
export class Lifetimes {
  readonly #ephemerals = new Map<bigint, Set<string>>();
  /** Paths of containers and TTL nodes. */
  readonly reapable: Set<string> = new Set();

  /** Paths of a session's ephemeral znodes. */
  ephemeralsOf(sessionId: bigint): ReadonlySet<string> {
    return this.#ephemerals.get(sessionId) ?? none;
  }

  /** The paths of ephemeral znodes by session. */
  get ephemerals(): ReadonlyMap<bigint, ReadonlySet<string>> {
    return this.#ephemerals;
  }

  add(path: string, { lifetime }: Znode): void {
    if (lifetime.kind === "persistent") return;
    if (lifetime.kind !== "ephemeral") {
      this.reapable.add(path);
      return;
    }
    const paths = this.#ephemerals.get(lifetime.sessionId);
    if (paths === undefined) this.#ephemerals.set(lifetime.sessionId, new Set([path]));
    else paths.add(path);
  }

  remove(path: string, { lifetime }: Znode): void {
    if (lifetime.kind === "persistent") return;
    if (lifetime.kind !== "ephemeral") {
      this.reapable.delete(path);
      return;
    }
    const paths = this.#ephemerals.get(lifetime.sessionId);
    paths?.delete(path);
    if (paths?.size === 0) this.#ephemerals.delete(lifetime.sessionId);
  }

  clear(): void {
    this.#ephemerals.clear();
    this.reapable.clear();
  }
}
