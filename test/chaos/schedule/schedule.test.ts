import { expect, test } from "vitest";
import { contenderFaults, memberFaults } from "./faults.ts";
import { scheduleOf } from "./schedule.ts";

function first<T>(count: number, steps: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const step of steps) {
    if (taken.length === count) break;
    taken.push(step);
  }
  return taken;
}

function lanesOf(seed: number): unknown[][] {
  const { members, contenders } = scheduleOf(seed);
  return [first(50, members), ...contenders.map((lane) => first(50, lane))];
}

test("the same seed gives the same steps; lanes and seeds differ", () => {
  expect(lanesOf(7)).toEqual(lanesOf(7));
  const lanes = [...lanesOf(7), ...lanesOf(8)].map((lane) => JSON.stringify(lane));
  expect(new Set(lanes).size).toBe(lanes.length);
});

test("every fault comes before any comes again", () => {
  const { members, contenders } = scheduleOf(3);
  expect(new Set(first(memberFaults.length, members).map(({ fault }) => fault))).toEqual(new Set(memberFaults));
  for (const lane of contenders) {
    const deck = first(2 * contenderFaults.length, lane).slice(contenderFaults.length);
    expect(new Set(deck.map(({ fault }) => fault))).toEqual(new Set(contenderFaults));
  }
});
