import { Seeded } from "../../faults/support/seeded.ts";
import { recipes } from "../history/records.ts";
import {
  type ContenderFault,
  type ContenderStep,
  contenderFaults,
  droppedRequests,
  type MemberStep,
  memberFaults,
} from "./faults.ts";

/** Faults of members come one after the other, those of contenders in several lanes at once. All lanes are endless and pure. */
export interface Schedule {
  readonly members: Iterable<MemberStep>;
  readonly contenders: readonly Iterable<ContenderStep>[];
}

const contenderLanes = 2;

/** The same seed gives the same steps, however far they are followed. */
export function scheduleOf(seed: number): Schedule {
  return {
    members: { [Symbol.iterator]: () => memberSteps(laneOf(seed, 0)) },
    contenders: Array.from({ length: contenderLanes }, (_, lane) => ({
      [Symbol.iterator]: () => contenderSteps(laneOf(seed, lane + 1), contenderFaults),
    })),
  };
}

/** Steps of these faults only, always on whoever holds the recipe. */
export function* aimedAt(
  holderOf: ContenderStep["holderOf"],
  faults: readonly ContenderFault[],
  seed: number,
): Generator<ContenderStep, never, undefined> {
  for (const step of contenderSteps(laneOf(seed, 1), faults)) yield { ...step, holderOf };
  throw new Error("lanes are endless");
}

function* memberSteps(random: Seeded): Generator<MemberStep, never, undefined> {
  for (;;) {
    for (const fault of shuffled(memberFaults, random)) {
      yield { fault, afterMs: random.between(500, 3_000), forMs: random.between(0, 2_500), choice: random.float() };
    }
  }
}

function* contenderSteps(
  random: Seeded,
  faults: readonly ContenderFault[],
): Generator<ContenderStep, never, undefined> {
  for (;;) {
    for (const fault of shuffled(faults, random)) {
      yield {
        fault,
        afterMs: random.between(100, 1_200),
        forMs: random.between(100, 1_500),
        // Those who hold have the most to lose.
        holderOf: random.float() < 0.7 ? random.pick(recipes) : undefined,
        choice: random.float(),
        delayMs: random.between(20, 300),
        request: random.pick(droppedRequests),
      };
    }
  }
}

/** Lanes of one seed, and of neighbouring seeds, must not resemble each other. */
function laneOf(seed: number, lane: number): Seeded {
  return new Seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(lane + 1, 0x85ebca6b));
}

/** Like a deck of cards: each of them comes up before any comes again. */
function shuffled<T>(items: readonly T[], random: Seeded): T[] {
  const rest = [...items];
  const drawn: T[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(Math.floor(random.float() * rest.length), 1));
  return drawn;
}
