import type { ServiceInstance } from "../entry/service-instance.ts";
import type { Strategy } from "./strategy.ts";

/**
 * Any, each as likely as its weight says. A weight that is no positive number counts as 0; where all are 0, each is as likely as the others.
 *
 * @param weightOf such as `({ payload }) => payload.weight`
 */
export function weighted<Payload = unknown>(
  weightOf: (instance: ServiceInstance<Payload>) => number,
): Strategy<Payload> {
  return (candidates, context) => {
    const weights = candidates.map((candidate) => usable(weightOf(candidate)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return Math.floor(context.random.float() * candidates.length);
    let left = context.random.float() * total;
    const chosen = weights.findIndex((weight) => (left -= weight) < 0);
    // Sums of fractions may fall short by the last bit.
    return chosen === -1 ? weights.findLastIndex((weight) => weight > 0) : chosen;
  };
}

function usable(weight: number): number {
  return Number.isFinite(weight) && weight > 0 ? weight : 0;
}
