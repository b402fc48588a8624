import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServiceInstance } from "../../src/entry/service-instance.ts";
import { leastLoaded } from "../../src/strategies/least-loaded.ts";
import { random } from "../../src/strategies/random.ts";
import { roundRobin } from "../../src/strategies/round-robin.ts";
import { sticky } from "../../src/strategies/sticky.ts";
import type { PickContext, Strategy } from "../../src/strategies/strategy.ts";
import { weighted } from "../../src/strategies/weighted.ts";
import { contextOf, seeded } from "../support/contexts.ts";
import { instance, instances } from "../support/instances.ts";

/** How often each was chosen. */
function counts(
  strategy: Strategy,
  candidates: readonly ServiceInstance[],
  picks: number,
  contextAt: (pick: number) => PickContext,
): number[] {
  const found = candidates.map(() => 0);
  for (let pick = 0; pick < picks; pick++) found[strategy(candidates, contextAt(pick))]! += 1;
  return found;
}

/** Remembers picks as a discovered service does. */
class Memory {
  readonly #picked = new Map<string, number>();
  #picks = 0;

  pick(candidates: readonly ServiceInstance[]): string {
    const strategy = roundRobin();
    const context = contextOf({ lastPick: ({ path }) => this.#picked.get(path) ?? 0 });
    const chosen = candidates[strategy(candidates, context)]!;
    this.#picked.set(chosen.path, ++this.#picks);
    return chosen.id;
  }
}

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 30 });

describe("roundRobin", () => {
  it("each once in any as many picks as there are candidates", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 40 }), (count, start) => {
        const candidates = instances(count);
        const memory = new Memory();
        for (let i = 0; i < start; i++) memory.pick(candidates);
        const round = candidates.map(() => memory.pick(candidates));
        expect(new Set(round).size).toBe(count);
      }),
    );
  });

  it("newcomers come next; whoever goes leaves the others' order as it is", () => {
    const memory = new Memory();
    const [a, b, c, d] = instances(4) as [ServiceInstance, ServiceInstance, ServiceInstance, ServiceInstance];
    const [abc, bcd] = [
      [a, b, c],
      [b, c, d],
    ] as const;
    const picked = [abc, abc, abc, bcd, bcd, bcd].map((some) => memory.pick(some));
    expect(picked).toEqual([a, b, c, d, b, c].map(({ id }) => id));
  });

  it("starves nobody when picks of two kinds take turns", () => {
    const memory = new Memory();
    const all = instances(4);
    const kinds = [all.slice(0, 2), all.slice(2)];
    const picked = Array.from({ length: 8 }, (_, pick) => memory.pick(kinds[pick % 2]!));
    expect(new Set(picked).size).toBe(4);
  });
});

describe("random", () => {
  it("each as likely as the others", () => {
    const context = contextOf();
    for (const count of counts(random(), instances(4), 4_000, () => context)) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });
});

describe("weighted", () => {
  const weights = [1, 3, 0, -1, Number.NaN];
  const candidates = weights.map((weight, index) => instance(`${index}`, { payload: { weight } }));
  const strategy = weighted(({ payload }) => (payload as { weight: number }).weight);

  it("as likely as the weight says; what is no positive number is nothing", () => {
    const context = contextOf();
    const [one, three, ...none] = counts(strategy, candidates, 4_000, () => context);
    expect(none).toEqual([0, 0, 0]);
    expect(three! / one!).toBeGreaterThan(2.5);
    expect(three! / one!).toBeLessThan(3.5);
  });

  it("where all are 0, any", () => {
    const context = contextOf();
    for (const count of counts(
      weighted(() => 0),
      instances(3),
      3_000,
      () => context,
    ))
      expect(count).toBeGreaterThan(850);
  });

  it("always one that has a weight, wherever the number falls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (some, float) => {
          const chosen = weighted(({ payload }) => payload as number)(
            some.map((payload, index) => instance(`${index}`, { payload })),
            contextOf({ random: { ...seeded(1), float: () => float } }),
          );
          expect(some[chosen]).toBeDefined();
          if (some.some((weight) => weight > 0)) expect(some[chosen]).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe("sticky", () => {
  const idFor = (candidates: readonly ServiceInstance[], key: string): string =>
    candidates[sticky()(candidates, contextOf({ key }))]!.id;

  it("the same for the same key, whatever the order", () => {
    fc.assert(
      fc.property(ids, fc.string(), (some, key) => {
        const candidates = some.map((id) => instance(id));
        expect(idFor(candidates.toReversed(), key)).toBe(idFor(candidates, key));
      }),
    );
  });

  it("when one goes only its keys move", () => {
    fc.assert(
      fc.property(ids, fc.array(fc.string(), { maxLength: 20 }), fc.nat(), (some, keys, index) => {
        const all = some.map((id) => instance(id));
        const gone = all[index % all.length]!;
        const rest = all.filter((each) => each !== gone);
        if (rest.length === 0) return;
        for (const key of keys) {
          const before = idFor(all, key);
          const after = idFor(rest, key);
          if (before !== gone.id) expect(after).toBe(before);
        }
      }),
    );
  });

  it("spreads keys evenly, similar ones too", () => {
    const keyed = (pick: number): PickContext => contextOf({ key: `customer-${pick}` });
    for (const count of counts(sticky(), instances(10), 20_000, keyed)) {
      expect(count).toBeGreaterThan(1_700);
      expect(count).toBeLessThan(2_300);
    }
  });

  it("without a key all picks of one service stay with one", () => {
    const candidates = instances(10);
    const chosen = new Set(Array.from({ length: 5 }, () => sticky()(candidates, contextOf({ ownKey: "a" }))));
    expect(chosen.size).toBe(1);
    const others = new Set(Array.from({ length: 20 }, (_, i) => sticky()(candidates, contextOf({ ownKey: `${i}` }))));
    expect(others.size).toBeGreaterThan(3);
  });

  it("comes to what it always came to: other processes rely on it", () => {
    const candidates = instances(5);
    expect(["a", "b", "c", "customer-42", "Zoë", ""].map((key) => idFor(candidates, key))).toMatchInlineSnapshot(`
      [
        "instance-3",
        "instance-1",
        "instance-4",
        "instance-4",
        "instance-4",
        "instance-1",
      ]
    `);
  });
});

describe("leastLoaded", () => {
  it("never the busier of two, and never the busiest of all", () => {
    const candidates = instances(5);
    const context = contextOf({ outstanding: ({ id }) => Number(id.at(-1)) });
    const found = counts(leastLoaded(), candidates, 2_000, () => context);
    expect(found.at(-1)).toBe(0);
    expect(found).toEqual([...found].sort((a, b) => b - a));
    expect(counts(leastLoaded(), candidates.slice(0, 2), 50, () => context)).toEqual([50, 0]);
  });

  it("chooses two different ones, and takes the only one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer(), (count, seed) => {
        const candidates = instances(count);
        const busy = candidates[0]!;
        const context = contextOf({ random: seeded(seed), outstanding: (each) => (each === busy ? 1 : 0) });
        const chosen = candidates[leastLoaded()(candidates, context)];
        if (count === 1) expect(chosen).toBe(busy);
        else if (count === 2) expect(chosen).not.toBe(busy);
        else expect(chosen).toBeDefined();
      }),
    );
  });
});
