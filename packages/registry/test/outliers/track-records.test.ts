import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolvedPolicy } from "../../src/outliers/ejection-policy.ts";
import { TrackRecords } from "../../src/outliers/track-records.ts";

const policy = resolvedPolicy({ failures: 3, ejectionMs: 100, maxEjectionMs: 250, maxFraction: 0.5 });
const paths = ["/a", "/b", "/c", "/d"];

function fail(records: TrackRecords, path: string, times: number, now: number, among = paths): void {
  for (let i = 0; i < times; i++) records.reported(path, "failure", among, now);
}

function out(records: TrackRecords, now: number, among = paths): string[] {
  return [...records.ejected(among, now)].sort();
}

describe("track records", () => {
  it("failures in a row eject, for a time; a success between them begins anew", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 2, 0);
    records.reported("/a", "success", paths, 0);
    fail(records, "/a", 2, 0);
    expect(out(records, 0)).toEqual([]);
    expect(records.reported("/a", "failure", paths, 0)).toBe(true);
    expect([out(records, 0), out(records, 99), out(records, 100)]).toEqual([["/a"], ["/a"], []]);
  });

  it("back again one failure ejects it, twice as long each time up to the longest; a success makes it trusted", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 3, 0);
    fail(records, "/a", 1, 100);
    expect([out(records, 299), out(records, 300)]).toEqual([["/a"], []]);
    fail(records, "/a", 1, 300);
    expect([out(records, 549), out(records, 550)]).toEqual([["/a"], []]);
    records.reported("/a", "success", paths, 550);
    fail(records, "/a", 2, 550);
    expect(out(records, 550)).toEqual([]);
    fail(records, "/a", 1, 550);
    expect([out(records, 649), out(records, 650)]).toEqual([["/a"], []]);
  });

  it("calls under way when it was ejected tell nothing new", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 10, 0);
    records.reported("/a", "success", paths, 50);
    expect(out(records, 99)).toEqual(["/a"]);
    fail(records, "/a", 1, 100);
    expect(out(records, 299)).toEqual(["/a"]);
  });

  it("what the caller gave up is neither success nor failure", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 2, 0);
    records.reported("/a", "cancelled", paths, 0);
    fail(records, "/a", 1, 0);
    expect(out(records, 0)).toEqual(["/a"]);
  });

  it("the only one is never ejected", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 100, 0, ["/a"]);
    expect(out(records, 0, ["/a"])).toEqual([]);
  });

  it("where as many are out as may be, another stays, and is not out once they are back", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 3, 0);
    fail(records, "/b", 3, 10);
    fail(records, "/c", 3, 50);
    expect(records.reported("/c", "failure", paths, 60)).toBe(false);
    expect([out(records, 60), out(records, 120)]).toEqual([["/a", "/b"], []]);
    expect(records.reported("/c", "failure", paths, 120)).toBe(true);
  });

  it("when others go, those whose time is up first come back", () => {
    const records = new TrackRecords(policy);
    fail(records, "/a", 3, 0);
    fail(records, "/b", 3, 10);
    expect(out(records, 20)).toEqual(["/a", "/b"]);
    expect(out(records, 20, ["/a", "/b"])).toEqual(["/b"]);
    expect(out(records, 20, ["/a"])).toEqual([]);
  });

  it("never more than the fraction, whatever is reported", () => {
    const step = fc.record({
      path: fc.constantFrom(...paths),
      outcome: fc.constantFrom("success", "failure", "failure", "failure", "cancelled"),
      afterMs: fc.integer({ min: 0, max: 60 }),
      count: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const records = new TrackRecords(policy);
        let now = 0;
        for (const { path, outcome, afterMs, count } of steps) {
          now += afterMs;
          records.reported(path, outcome as "failure", paths.slice(0, count), now);
          expect(records.ejected(paths.slice(0, count), now).size).toBeLessThanOrEqual(count / 2);
        }
      }),
    );
  });

  it("counts the calls that are not over", () => {
    const records = new TrackRecords(undefined);
    records.picked("/a");
    records.picked("/a");
    records.picked("/b");
    expect([records.outstanding("/a"), records.lastPick("/a"), records.lastPick("/b")]).toEqual([2, 2, 3]);
    records.reported("/a", "cancelled", paths, 0);
    expect(records.outstanding("/a")).toBe(1);
    for (const outcome of ["success", "failure", "failure"] as const) records.reported("/a", outcome, paths, 0);
    expect(records.outstanding("/a")).toBe(0);
    records.forget("/a");
    expect([records.outstanding("/a"), records.lastPick("/a")]).toEqual([0, 0]);
  });

  it("without a policy nobody is ejected", () => {
    const records = new TrackRecords(undefined);
    fail(records, "/a", 100, 0);
    expect(out(records, 0)).toEqual([]);
  });

  it("refuses a policy that makes no sense", () => {
    for (const wrong of [
      { failures: 0 },
      { failures: 1.5 },
      { ejectionMs: -1 },
      { maxEjectionMs: Number.NaN },
      { maxFraction: 2 },
    ]) {
      expect(() => resolvedPolicy(wrong)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });
});
