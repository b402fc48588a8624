import { type Lease, LeaseLostError } from "@quorate/core";
import { beforeEach, describe, expect, it } from "vitest";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import { Holds } from "../../src/owner/holds.ts";

/** A lease the test can lose. */
function fakeLease(): Lease & { readonly controller: AbortController; releases: number } {
  const controller = new AbortController();
  return {
    controller,
    releases: 0,
    fencingToken: 7n,
    signal: controller.signal,
    get validUntil() {
      return controller.signal.aborted ? 0 : performance.now() + 1_000;
    },
    assertHeld() {
      controller.signal.throwIfAborted();
    },
    transaction: () => expect.fail("no transaction"),
    async release() {
      this.releases++;
    },
    async [Symbol.asyncDispose]() {
      this.releases++;
    },
  };
}

describe("the holds of owners", () => {
  let holds: Holds;
  let acquisitions: number;

  beforeEach(() => {
    holds = new Holds();
    acquisitions = 0;
  });

  const acquiring =
    <Got extends Lease | undefined>(lease: Got) =>
    async (): Promise<Got> => {
      acquisitions++;
      return lease;
    };

  it("acquire once for each owner, and give back with the last one", async () => {
    const lease = fakeLease();
    const [first, second] = [
      await holds.enter("a", undefined, acquiring(lease)),
      await holds.tryEnter("a", undefined, acquiring(undefined)),
    ];
    expect(acquisitions).toBe(1);
    await first?.[Symbol.asyncDispose]();
    await first?.release();
    expect([lease.releases, first?.validUntil ?? 0]).toEqual([0, expect.any(Number)]);
    expect(() => first?.assertHeld()).toThrow(LeaseLostError);
    second?.assertHeld();
    await second?.release();
    expect(lease.releases).toBe(1);
    expect(await holds.tryEnter("a", undefined, acquiring(undefined))).toBeUndefined();
    expect(acquisitions).toBe(2);
  });

  it("let no other owner in", async () => {
    await holds.enter("a", undefined, acquiring(fakeLease()));
    await holds.enter("b", undefined, acquiring(fakeLease()));
    expect(acquisitions).toBe(2);
  });

  it("are entered no more once they are lost, and releasing a lost one leaves the new one alone", async () => {
    const lost = fakeLease();
    const old = await holds.enter("a", undefined, acquiring(lost));
    lost.controller.abort(new Error("lost"));
    const lease = fakeLease();
    const own = await holds.enter("a", undefined, acquiring(lease));
    await old?.release();
    await holds.tryEnter("a", undefined, acquiring(undefined));
    expect([acquisitions, lease.releases]).toEqual([2, 0]);
    own?.assertHeld();
  });

  it("make those wait who come while one acquires; its failure is nobody else's", async () => {
    let fail: (error: Error) => void = () => {};
    const failing = rejection(
      holds.enter("a", undefined, () => new Promise<Lease>((_, reject) => void (fail = reject))),
    );
    const second = watched(holds.enter("a", undefined, acquiring(fakeLease())));
    const third = watched(holds.enter("a", undefined, acquiring(fakeLease())));
    await turns();
    expect([second.state, third.state, acquisitions]).toEqual(["pending", "pending", 0]);
    fail(new Error("of the first"));
    expect((await failing).message).toBe("of the first");
    expect((await second.promise)?.fencingToken).toBe((await third.promise)?.fencingToken);
    expect(acquisitions).toBe(1);
  });

  it("let go of who gives up waiting for another's acquisition", async () => {
    const controller = new AbortController();
    void holds.enter("a", undefined, () => new Promise<Lease>(() => {}));
    const waiting = rejection(holds.enter("a", controller.signal, acquiring(fakeLease())));
    controller.abort(new Error("enough"));
    expect((await waiting).message).toBe("enough");
    expect(acquisitions).toBe(0);
  });

  it("a try waits for another try, not for who waits for other holders", async () => {
    let got: (lease: Lease) => void = () => {};
    const waiting = (): Promise<Lease> =>
      new Promise((resolve) => {
        got = resolve;
      });
    const first = holds.enter("a", undefined, waiting);
    expect(await holds.tryEnter("a", undefined, acquiring(fakeLease()))).toBeUndefined();
    expect(acquisitions).toBe(0);
    const lease = fakeLease();
    got(lease);
    const entered = await first;
    const beside = await holds.tryEnter("a", undefined, acquiring(undefined));
    expect(acquisitions).toBe(0);
    await entered.release();
    await beside?.release();
    const tries = [
      holds.tryEnter("a", undefined, acquiring(fakeLease())),
      holds.tryEnter("a", undefined, acquiring(undefined)),
    ];
    expect((await Promise.all(tries)).map((tried) => tried !== undefined)).toEqual([true, true]);
    expect(acquisitions).toBe(1);
  });
});
