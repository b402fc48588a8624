import type { Capability } from "@quorate/core";
import { neededCapabilities } from "@quorate/core/driver";
import type { Script, Step } from "./steps.ts";

/** What a driver has to be able to do to perform the script. */
export function neededBy({ steps }: Script): ReadonlySet<Capability> {
  return new Set(steps.flatMap(neededByStep));
}

function neededByStep(step: Step): readonly Capability[] {
  switch (step.do) {
    case "open":
      return step.options.sasl === undefined ? [] : ["sasl"];
    case "away":
      return step.meanwhile.flatMap(neededByStep);
    case "request":
      return neededCapabilities(step.operation);
    default:
      return [];
  }
}
