import type { RandomSource } from "@quorate/core";
import type { ServiceInstance } from "../entry/service-instance.ts";

/** What a strategy may know beside the candidates. */
export interface PickContext {
  /** What the caller picks for, such as a customer's number. */
  readonly key: string | undefined;
  /** The same for the life of one discovered service, and another for every other. */
  readonly ownKey: string;
  readonly random: RandomSource;
  /** The number of the pick that chose it last; 0 if none did. */
  lastPick(instance: ServiceInstance): number;
  /** Calls to it that are not over: picked, and not reported yet. */
  outstanding(instance: ServiceInstance): number;
}

/**
 * Chooses one of the candidates, of which there is at least one. Pure: whatever is to be remembered from pick to pick the discovered service
 * remembers for it, so that one strategy serves any number of services.
 *
 * @returns its index
 */
export type Strategy<Payload = unknown> = (
  candidates: readonly ServiceInstance<Payload>[],
  context: PickContext,
) => number;
