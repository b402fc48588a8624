import { describe, expect, test } from "vitest";
import type { Contender, History, Hold } from "../history/history.ts";
import { check } from "./check.ts";
import { type HandMade, historyWith } from "./histories.ts";

function found(history: History): string[] {
  return check(history).map(({ rule, what }) => `${rule}: ${what}`);
}

function mutex(token: number, alive: readonly number[], more: Partial<HandMade> = {}): HandMade {
  return { recipe: "mutex", token, alive, ...more };
}

/** With its only hold, or its contender, otherwise. */
function changed(history: History, index: number, hold: Partial<Hold>, contender: Partial<Contender> = {}): History {
  const contenders = history.contenders.map((one, at) =>
    at === index ? { ...one, holds: one.holds.map((held) => ({ ...held, ...hold })), ...contender } : one,
  );
  return { ...history, contenders };
}

const fine = historyWith([mutex(10, [11, 15], { written: [12] }), mutex(13, [17, 19], { written: [18] })]);

test("a history in which all is well", () => {
  expect(found(fine)).toEqual([]);
});

describe("exclusion", () => {
  const bothAxes = (recipe: string): unknown => [
    expect.stringMatching(`^exclusion: ${recipe}: held at once at zxid .* p1/1 .* and p2/1 `),
    expect.stringMatching(`^exclusion: ${recipe}: held at once at clock .* p1/1 .* and p2/1 `),
  ];

  test.each(["mutex", "latch"] as const)("two holders of a %s", (recipe) => {
    const history = historyWith([
      { recipe, token: 10, alive: [11, 17] },
      { recipe, token: 13, alive: [16, 19] },
    ]);
    expect(found(history)).toEqual(bothAxes(recipe));
  });

  test("one within the other, and three at once", () => {
    const history = historyWith([mutex(10, [11, 40]), mutex(13, [20, 22]), mutex(14, [21, 30])]);
    expect(found(history).filter((what) => what.includes("zxid 21"))).toEqual([
      expect.stringMatching(/p1\/1 .* and p2\/1 .* and p3\/1 /),
    ]);
  });

  test("by the clock alone: between the moments that the cluster knows of", () => {
    const history = changed(fine, 0, {
      alive: [
        { at: 11_000, zxid: 11n },
        { at: 17_500, zxid: undefined },
      ],
    });
    expect(found(history)).toEqual([expect.stringMatching(/^exclusion: mutex: held at once at clock 17000/)]);
  });

  test("by the cluster alone", () => {
    const history = changed(fine, 0, {
      alive: [
        { at: 11_000, zxid: 11n },
        { at: 12_000, zxid: 18n },
      ],
    });
    expect(found(history)).toContainEqual(expect.stringMatching(/^exclusion: mutex: held at once at zxid 17/));
  });

  test("readers share", () => {
    const reader = { recipe: "read-write", isShared: true } as const;
    expect(
      found(
        historyWith([
          { ...reader, token: 10, alive: [12, 20] },
          { ...reader, token: 11, alive: [13, 19] },
        ]),
      ),
    ).toEqual([]);
  });

  test.each([
    ["a reader and a writer", true, false],
    ["a writer and a reader", false, true],
    ["two writers", false, false],
  ])("%s", (_, first, second) => {
    const history = historyWith([
      { recipe: "read-write", isShared: first, token: 10, alive: [12, 20] },
      { recipe: "read-write", isShared: second, token: 11, alive: [13, 19] },
    ]);
    expect(found(history)).toEqual(bothAxes("read-write"));
  });

  test("as many permits as there are, and one more", () => {
    const holder = (token: number, permits: number, from: number, to: number): HandMade => {
      return { recipe: "semaphore", token, permits, alive: [from, to] };
    };
    expect(found(historyWith([holder(10, 2, 12, 20), holder(11, 1, 13, 19), holder(12, 2, 21, 22)]))).toEqual([]);
    expect(found(historyWith([holder(10, 2, 12, 20), holder(11, 2, 13, 19)]))).toEqual(bothAxes("semaphore"));
  });

  test("what a holder believed after its eviction does not count, what it believed long after does", () => {
    const evictions = [{ recipe: "mutex", token: 10n, zxid: 14n, at: 13_500 }] as const;
    const history = historyWith([mutex(10, [11, 17]), mutex(13, [16, 19])], { evictions });
    expect(found(history)).toEqual([]);
    const deaf = changed(history, 0, { alive: [{ at: 20_000_000, zxid: undefined }] });
    expect(found(deaf)).toEqual(["endings: p1/1: believed in the mutex long after its znode was deleted"]);
  });
});

describe("tokens", () => {
  test("one that is below that of the holder before", () => {
    expect(found(historyWith([mutex(14, [15, 16]), mutex(13, [17, 19])]))).toEqual([
      expect.stringMatching(/^tokens: mutex: by zxid p2\/1 .* came after p1\/1 /),
      expect.stringMatching(/^tokens: mutex: by clock p2\/1 .* came after p1\/1 /),
    ]);
  });

  test("the same twice", () => {
    expect(found(historyWith([mutex(10, [11, 12]), mutex(10, [17, 19])]))).toContain(
      "tokens: mutex: p2/1 (token 10) has the token of p1/1",
    );
    const holder = { recipe: "semaphore", token: 10 } as const;
    expect(
      found(
        historyWith([
          { ...holder, alive: [11] },
          { ...holder, alive: [12] },
        ]),
      ),
    ).toHaveLength(1);
  });

  test("readers come in any order, but not before the writer that was before them", () => {
    const reader = { recipe: "read-write", isShared: true } as const;
    expect(
      found(
        historyWith([
          { ...reader, token: 11, alive: [12] },
          { ...reader, token: 10, alive: [13] },
        ]),
      ),
    ).toEqual([]);
    const writer = { recipe: "read-write", token: 11, alive: [12] } as const;
    expect(found(historyWith([writer, { ...reader, token: 10, alive: [13] }]))).toHaveLength(2);
    expect(
      found(
        historyWith([
          { ...reader, token: 11, alive: [12] },
          { ...writer, token: 10, alive: [13] },
        ]),
      ),
    ).toHaveLength(2);
  });

  test("held before there was a znode", () => {
    expect(found(historyWith([mutex(14, [12, 16])]))).toEqual([
      "tokens: mutex: p1/1 (token 14) held at zxid 12, before its token",
    ]);
  });
});

describe("fencing", () => {
  test("a write of one holder after the next one held", () => {
    const history = historyWith([mutex(10, [11], { written: [18] }), mutex(13, [17, 19])]);
    expect(found(history)).toEqual([
      expect.stringMatching(/^fencing: mutex: after zxid 17, when p2\/1 .* held, a write of p1\/1 /),
    ]);
  });

  test("a write of one holder after the next one wrote, neither of them ever seen alive", () => {
    const history = historyWith([mutex(10, [], { written: [11, 18] }), mutex(13, [], { written: [17] })]);
    expect(found(history)).toHaveLength(1);
  });

  test("a reader's write after the next writer's, a semaphore's by one too many", () => {
    const writer = { recipe: "read-write", token: 13, written: [17, 20] } as const;
    expect(
      found(historyWith([{ recipe: "read-write", isShared: true, token: 10, written: [11, 18] }, writer])),
    ).toHaveLength(1);
    const holder = (token: number, written: readonly number[]): HandMade => ({
      recipe: "semaphore",
      permits: 2,
      token,
      written,
    });
    expect(found(historyWith([holder(10, [11, 18]), holder(13, [17, 20])]))).toHaveLength(1);
  });

  test("a write after the eviction", () => {
    const evictions = [{ recipe: "mutex", token: 10n, zxid: 14n, at: 13_500 }] as const;
    expect(found(historyWith([mutex(10, [11], { written: [12, 15] })], { evictions }))).toEqual([
      "fencing: mutex: a write of p1/1 (token 10) was applied at zxid 15, its znode gone since 14",
    ]);
  });
});

describe("books", () => {
  test("a write that was refused, and applied", () => {
    expect(found(changed(fine, 0, { writes: [{ number: 1, outcome: "refused", code: "LEASE_LOST" }] }))).toEqual([
      "books: mutex: write 1 of p1/1 at zxid 12 was refused (LEASE_LOST)",
    ]);
  });

  test("a write of which nobody knew whether it was applied may or may not be there", () => {
    expect(
      found(
        changed(fine, 0, {
          writes: [
            { number: 1, outcome: "unknown" },
            { number: 2, outcome: "unknown" },
          ],
        }),
      ),
    ).toEqual([]);
  });

  test("an answered write that is not there, or elsewhere", () => {
    const write = { number: 1, outcome: "applied", version: 1 } as const;
    expect(
      found(
        changed(fine, 0, {
          writes: [
            { ...write, zxid: 12n },
            { ...write, number: 2, version: 3, zxid: 14n },
          ],
        }),
      ),
    ).toEqual(["books: mutex: write 2 of p1/1 was answered with zxid 14, version 3; the servers have nothing"]);
    expect(found(changed(fine, 0, { writes: [{ ...write, zxid: 13n }] }))).toHaveLength(1);
    expect(found(changed(fine, 0, { writes: [{ ...write, version: 7, zxid: 12n }] }))).toHaveLength(1);
  });

  test("two writes answered with one version: the servers lost one of them", () => {
    const writes = [{ number: 1, outcome: "applied", version: 1, zxid: 18n }] as const;
    expect(found(changed(fine, 1, { writes }))).toContainEqual(
      expect.stringMatching(
        /^books: mutex: the servers lost a write: write 1 of p2\/1 .* version 1; write 1 of p1\/1 /,
      ),
    );
  });

  test("an entry of nobody, with another's token, twice, or without its write", () => {
    const [register] = fine.registers;
    const [first, second] = register?.entries ?? [];
    if (register === undefined || first === undefined || second === undefined) throw new Error("no register");
    const withRegister = (change: Partial<typeof register>): string[] => {
      return found({ ...fine, registers: [{ ...register, ...change }] });
    };
    expect(withRegister({ version: 3 })).toEqual(["books: mutex: written 3 times, 2 entries"]);
    expect(withRegister({ entries: [first, { ...second, write: 7 }] })).toContain(
      "books: mutex: nobody knows of write 7 of p2/1 at zxid 18",
    );
    expect(withRegister({ entries: [first, { ...second, token: 1n }] })).toEqual([
      "books: mutex: write 1 of p2/1 at zxid 18 has the token 1",
    ]);
    expect(withRegister({ version: 3, entries: [first, second, { ...second, zxid: 19n }] })).toContain(
      "books: mutex: write 1 of p2/1 at zxid 19 was applied twice",
    );
  });
});

describe("endings", () => {
  const withContender = (change: Partial<Contender>): string[] => found(changed(fine, 0, {}, change));

  test("a wait without an answer", () => {
    const wait = { id: "p1/2", recipe: "mutex", asked: "try", at: 5, outcome: undefined } as const;
    expect(withContender({ waits: [wait] })).toEqual([
      "endings: p1/2: waited for the mutex (try) and was never answered",
    ]);
  });

  test("a release without an end", () => {
    expect(found(changed(fine, 0, { releasedAt: undefined }))).toEqual([
      "endings: p1/1: the release of the mutex never ended",
    ]);
  });

  test("one who is killed owes nothing", () => {
    const change = { ending: { kind: "killed" }, saidBye: false, finishingAt: undefined } as const;
    expect(found(changed(fine, 0, { releasedAt: undefined }, change))).toEqual([]);
  });

  test("a process that hung, that failed, that met what it must not meet", () => {
    expect(withContender({ ending: { kind: "hung" }, saidBye: false })).toEqual([
      "endings: p1: did not end",
      "endings: p1: did not come to its end",
    ]);
    expect(withContender({ ending: { kind: "exited", status: 1, stderr: "oh" } })).toEqual([
      "endings: p1: ended with status 1: oh",
    ]);
    expect(withContender({ failures: ["oh"] })).toEqual(["endings: p1: oh"]);
  });

  test("a process that never had a recipe again", () => {
    expect(withContender({ finishingAt: 2 })).toEqual(["endings: p1: never had the mutex after the faults were over"]);
    expect(withContender({ recipes: ["mutex", "latch"] })).toEqual([
      "endings: p1: never had the latch after the faults were over",
    ]);
  });

  test("something left behind", () => {
    expect(found({ ...fine, left: ["session 0x1"] })).toEqual(["endings: left in ZooKeeper: session 0x1"]);
  });
});
