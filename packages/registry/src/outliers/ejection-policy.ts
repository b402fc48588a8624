import { InvalidArgumentError } from "@quorate/core";

/** When an instance that fails its callers is left out for a while. */
export interface EjectionPolicy {
  /** Failures in a row, at least 1. Default 5. */
  readonly failures?: number | undefined;
  /** How long it is left out the first time, milliseconds; twice as long each time after that. Default 30 000. */
  readonly ejectionMs?: number | undefined;
  /** The longest it is left out, milliseconds. Default 300 000. */
  readonly maxEjectionMs?: number | undefined;
  /** How many of the enabled instances may be left out at once, as a fraction from 0 to 1; rounded down. Default 0.5. */
  readonly maxFraction?: number | undefined;
}

export type ResolvedEjectionPolicy = { readonly [Key in keyof EjectionPolicy]-?: number };

/** @throws InvalidArgumentError */
export function resolvedPolicy(policy: EjectionPolicy): ResolvedEjectionPolicy {
  const { failures = 5, ejectionMs = 30_000, maxEjectionMs = 300_000, maxFraction = 0.5 } = policy;
  const refuse = (option: string, wanted: string): never => {
    throw new InvalidArgumentError(`ejection.${option} is not ${wanted}`, { op: "discover" });
  };
  if (!(Number.isInteger(failures) && failures >= 1)) refuse("failures", "a whole number from 1 up");
  if (!(ejectionMs >= 0)) refuse("ejectionMs", "a number of milliseconds from 0 up");
  if (!(maxEjectionMs >= 0)) refuse("maxEjectionMs", "a number of milliseconds from 0 up");
  if (!(maxFraction >= 0 && maxFraction <= 1)) refuse("maxFraction", "a number from 0 to 1");
  return { failures, ejectionMs, maxEjectionMs, maxFraction };
}
