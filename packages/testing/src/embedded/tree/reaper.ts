import { wallClockMs } from "../clock.ts";
import type { DataTree } from "./data-tree.ts";
import type { Znode } from "./znode.ts";

/** Containers that have lost their last child, and TTL nodes nobody has changed for long enough (ContainerManager). */
export function overdue(tree: DataTree): readonly string[] {
  const now = wallClockMs();
  return [...tree.lifetimes.reapable].filter((path) => {
    const node = tree.get(path);
    return node !== undefined && node.children.size === 0 && isOverdue(node, now);
  });
}

function isOverdue({ lifetime, creations, mtime }: Znode, now: number): boolean {
  // A container that never had a child is left alone: it may just have been made for one.
  if (lifetime.kind === "container") return creations > 0;
  return lifetime.kind === "ttl" && now - Number(mtime) > lifetime.ttlMs;
}

/** Looks for them every now and then, as long as there may be some. */
export class Reaper {
  readonly #intervalMs: number;
  readonly #reap: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(intervalMs: number, reap: () => void) {
    this.#intervalMs = intervalMs;
    this.#reap = reap;
  }

  /** Without effect while it is going on already. */
  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#reap();
    }, this.#intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
