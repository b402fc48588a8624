import type { RandomSource } from "@quorate/core";
import type { PickContext } from "../../src/strategies/strategy.ts";

export function contextOf(details: Partial<PickContext> = {}): PickContext {
  return {
    key: undefined,
    ownKey: "own",
    random: seeded(1),
    lastPick: () => 0,
    outstanding: () => 0,
    ...details,
  };
}

/** The same numbers in every run: a linear congruential generator. */
export function seeded(seed: number): RandomSource {
  let state = seed >>> 0;
  return {
    float() {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    },
    uuid: () => "00000000-0000-4000-8000-000000000000",
  };
}
