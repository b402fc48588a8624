import { LeaseLostError } from "@quorate/core";
import type { NodeLease } from "@quorate/core/recipe";
import { beforeEach, describe, expect, it } from "vitest";
import { turns, watched } from "../../../core/test/support/turns.ts";
import { LatchTerm } from "../../src/latch/term.ts";

let loss: AbortController;
let releases: number;
let term: LatchTerm;

/** Held until it is lost, whatever else is asked of it. */
function lease(): NodeLease {
  return {
    fencingToken: 7n,
    path: "/l/latch-0000000000",
    signal: loss.signal,
    validUntil: Number.POSITIVE_INFINITY,
    assertHeld: () => loss.signal.throwIfAborted(),
    release: async () => void releases++,
    [Symbol.asyncDispose]: async () => void releases++,
  } as unknown as NodeLease;
}

beforeEach(() => {
  loss = new AbortController();
  releases = 0;
  term = new LatchTerm(lease(), "/l");
});

describe("a term", () => {
  it("of a lease that was lost before it began is over from the beginning", async () => {
    loss.abort(new LeaseLostError("gone", { reason: "node-deleted" }));
    const late = new LatchTerm(lease(), "/l");
    expect(late.signal.reason).toMatchObject({ reason: "node-deleted" });
    expect([late.isHeld, late.isLost]).toEqual([false, true]);
    await late.ended;
  });

  it("is lost with its lease, by the same error", async () => {
    const ended = watched(term.ended);
    await turns();
    expect([ended.state, term.isHeld, term.isLost]).toEqual(["pending", true, false]);
    const error = new LeaseLostError("gone", { reason: "session-ended" });
    loss.abort(error);
    await turns();
    expect([ended.state, term.isHeld, term.isLost, term.signal.reason]).toEqual(["done", false, true, error]);
  });

  it("resigned is not held any more from the moment its signal aborts, before it is given up", async () => {
    const seen: unknown[] = [];
    term.signal.addEventListener("abort", () => {
      seen.push(releases, term.isHeld);
      expect(() => term.assertHeld()).toThrow(expect.objectContaining({ code: "LEASE_LOST", reason: "released" }));
    });
    await term.resign();
    expect([seen, releases, term.isLost]).toEqual([[0, false], 1, true]);
  });

  it("released ends without an abort", async () => {
    const ended = watched(term.ended);
    await term.release();
    await turns();
    expect([ended.state, term.signal.aborted, term.isLost, releases]).toEqual(["done", false, false, 1]);
  });
});
