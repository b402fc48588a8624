import { randomUUID } from "node:crypto";

/** The one source of randomness: ids, shuffles and jitter. Inject another one to make a run repeatable. */
export interface RandomSource {
  /** A number in [0, 1). */
  float(): number;
  /** A UUID, lower case with dashes. */
  uuid(): string;
}

export const systemRandom: RandomSource = {
  float: () => Math.random(),
  uuid: () => randomUUID(),
};

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: RandomSource): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random.float() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
