/** What ends a znode's life besides a delete. */
export type Lifetime =
  | { readonly kind: "persistent" }
  /** Ends with the session. */
  | { readonly kind: "ephemeral"; readonly sessionId: bigint }
  /** Is reaped once its last child is gone. */
  | { readonly kind: "container" }
  /** Is reaped once it has had no children, and no new data, for that long. */
  | { readonly kind: "ttl"; readonly ttlMs: number };

export const persistent: Lifetime = { kind: "persistent" };
export const container: Lifetime = { kind: "container" };
