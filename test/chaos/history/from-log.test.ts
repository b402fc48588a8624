import { expect, test } from "vitest";
import { contenderFrom } from "./from-log.ts";
import type { LogRecord } from "./records.ts";

const began = {
  kind: "begin",
  at: 3,
  hold: 1,
  recipe: "semaphore",
  isShared: false,
  permits: 2,
  token: "9007199254740993",
  isLong: false,
} as const;
const records: LogRecord[] = [
  { kind: "started", at: 0, pid: 1 },
  { kind: "wait", at: 1, wait: 1, recipe: "semaphore", asked: "timeout" },
  { kind: "waited", at: 2, wait: 1, outcome: "held" },
  { ...began, isAlive: true },
  { kind: "alive", at: 4, hold: 1, zxid: "9007199254740995" },
  { kind: "writing", at: 5, hold: 1, write: 1 },
  { kind: "written", at: 6, hold: 1, write: 1, zxid: "9007199254740997", version: 3 },
  { kind: "writing", at: 7, hold: 1, write: 2 },
  { kind: "not-written", at: 8, hold: 1, write: 2, isRefused: false, code: "CONNECTION_LOSS" },
  { kind: "lost", at: 9, hold: 1, reason: "deadline-passed" },
  { kind: "writing", at: 10, hold: 1, write: 3 },
  { kind: "not-written", at: 11, hold: 1, write: 3, isRefused: true, code: "LEASE_LOST" },
  { kind: "release", at: 12, hold: 1 },
  { kind: "released", at: 13, hold: 1 },
  { kind: "finishing", at: 14 },
  { kind: "failure", at: 15, what: "oh" },
  { kind: "bye", at: 16 },
];

test("what a log tells", () => {
  const ending = { kind: "exited", status: 0, stderr: "" } as const;
  const contender = contenderFrom("p1.1", ["semaphore"], records, ending);
  expect(contender).toMatchObject({ finishingAt: 14, saidBye: true, failures: ["oh"], ending });
  expect(contender.waits).toEqual([{ id: "p1.1/1", recipe: "semaphore", asked: "timeout", at: 1, outcome: "held" }]);
  expect(contender.holds).toEqual([
    {
      id: "p1.1/1",
      recipe: "semaphore",
      isShared: false,
      permits: 2,
      token: 9007199254740993n,
      askedAt: 1,
      alive: [
        { at: 3, zxid: undefined },
        { at: 4, zxid: 9007199254740995n },
      ],
      writes: [
        { number: 1, outcome: "applied", zxid: 9007199254740997n, version: 3 },
        { number: 2, outcome: "unknown" },
        { number: 3, outcome: "refused", code: "LEASE_LOST" },
      ],
      lost: { at: 9, reason: "deadline-passed" },
      releasedAt: 13,
    },
  ]);
});

test("what a killed process's log tells: what had begun has no end", () => {
  const contender = contenderFrom("p1.1", ["semaphore"], records.slice(0, 6), { kind: "killed" });
  expect(contender.saidBye).toBe(false);
  expect(contender.holds[0]).toMatchObject({ releasedAt: undefined, writes: [{ number: 1, outcome: "unknown" }] });
});

test("a lease that was lost before it could be looked at was never alive", () => {
  const [, wait, waited] = records as [LogRecord, LogRecord, LogRecord];
  const contender = contenderFrom("p1.1", ["semaphore"], [wait, waited, { ...began, isAlive: false }], {
    kind: "hung",
  });
  expect(contender.holds[0]?.alive).toEqual([]);
});
