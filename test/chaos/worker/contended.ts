import type { Lease } from "@quorate/core";

/** What was got, and how it is given back. */
export interface Got {
  readonly lease: Lease;
  readonly isShared: boolean;
  readonly permits: number;
  release(): Promise<void>;
}

/** How to ask: without waiting for others, or with bounds. */
export type Asking = { readonly kind: "try" } | { readonly kind: "wait"; readonly bounds: Bounds };
export interface Bounds {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One recipe as a contender sees it. */
export interface Contended {
  /** Whether it can be asked not to wait, or for a time only; by a signal any wait can be ended. */
  readonly canTry: boolean;
  /** @returns undefined if it is not to be had */
  ask(asking: Asking): Promise<Got | undefined>;
}
