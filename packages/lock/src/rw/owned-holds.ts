import type { Session } from "@quorate/core";
import { type NodeLease, onAbort } from "@quorate/core/recipe";

/** A lease and the session it was taken in. */
export interface SessionHold {
  readonly session: Session;
  readonly lease: NodeLease;
}

/** The holds of one side of a lock by their owners. */
export class OwnedHolds {
  readonly #holds = new Map<unknown, Set<SessionHold>>();

  of(owner: unknown): SessionHold | undefined {
    const [hold] = this.#holds.get(owner) ?? [];
    return hold;
  }

  /** Until it is lost or taken off. */
  add(owner: unknown, hold: SessionHold): void {
    if (owner === undefined || hold.lease.signal.aborted) return;
    const holds = this.#holds.get(owner) ?? new Set();
    this.#holds.set(owner, holds.add(hold));
    onAbort(hold.lease.signal, () => this.remove(owner, hold.lease));
  }

  remove(owner: unknown, lease: NodeLease): void {
    const holds = this.#holds.get(owner);
    for (const hold of holds ?? []) if (hold.lease === lease) holds?.delete(hold);
    if (holds?.size === 0) this.#holds.delete(owner);
  }
}
