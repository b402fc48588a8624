import type { Client } from "@quorate/core";
import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FakeDriver } from "../../../core/test/support/fake-driver.ts";
import { openClient } from "../../../core/test/support/open-client.ts";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import { LeaderLatch } from "../../src/latch/leader-latch.ts";
import type { Term } from "../../src/latch/term.ts";

let client: Client;
let driver: FakeDriver;
let latch: LeaderLatch;

beforeEach(async () => {
  vi.useFakeTimers();
  ({ client, driver } = await openClient());
  driver.tree.create("/l");
  latch = new LeaderLatch(client, "/l", { id: "a" });
});

afterEach(async () => {
  const closing = client.close();
  await turns();
  await closing;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const line = (): string[] => driver.tree.children("/l").sort((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1));

/** A candidate of somebody else's. */
function other(): string {
  return driver.tree.create("/l/latch-", 3, 99n).path;
}

async function won(terms: AsyncIterator<Term, void>): Promise<Term> {
  const next = terms.next();
  await driver.session.serve();
  const { value } = await next;
  await driver.session.serve();
  driver.session.takeLog();
  return value ?? expect.fail("no term");
}

async function loseSession(): Promise<void> {
  const { session } = driver;
  await session.endAtServer();
  await session.expire();
}

describe("a candidate whose session is lost", () => {
  it("while it waits lines up in the next one at once, at the end", async () => {
    const leader = other();
    const next = watched(latch.terms().next());
    await driver.session.serve();
    const behind = other();
    await loseSession();
    await driver.session.connect();
    await driver.session.serve();
    expect(line().map((name) => name.slice(-10))).toEqual(["0000000000", "0000000002", "0000000003"]);
    driver.tree.delete(leader);
    await driver.session.serve();
    expect(next.state).toBe("pending");
    driver.tree.delete(behind);
    await driver.session.serve();
    expect(next.state).toBe("done");
  });

  it("while it leads: the term has ended before anything is sent in the next one", async () => {
    const terms = latch.terms();
    const term = await won(terms);
    const next = watched(terms.next());
    const sentByThen: string[] = [];
    term.signal.addEventListener("abort", () => sentByThen.push(driver.session.log.join()));
    await loseSession();
    expect(sentByThen).toEqual([""]);
    expect(term.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "session-ended" });
    await driver.session.connect();
    expect(next.state).toBe("pending");
    await driver.session.serve();
    expect(next.state).toBe("done");
    expect(driver.session.log).toEqual([
      "create2 /l/_c_uuid2-latch-",
      "getChildren /l",
      expect.stringMatching(/^exists/),
    ]);
  });

  it("before its create was answered makes one in the next one", async () => {
    const next = watched(latch.terms().next());
    await turns();
    await loseSession();
    await driver.session.connect();
    await driver.session.serve();
    expect([next.state, line()]).toEqual(["done", ["_c_uuid2-latch-0000000000"]]);
  });
});

describe("a candidate whose request fails", () => {
  it("listing refused: its znode is removed, and it lines up again half a second later", async () => {
    const next = watched(latch.terms().next());
    await driver.session.serve(1);
    await driver.session.refuse(ErrorCode.RUNTIME_INCONSISTENCY);
    // It has been made since: listed once more.
    await driver.session.refuse(ErrorCode.RUNTIME_INCONSISTENCY);
    await driver.session.serve();
    expect([next.state, line()]).toEqual(["pending", []]);
    await vi.advanceTimersByTimeAsync(500);
    await driver.session.serve();
    expect([next.state, line()]).toEqual(["done", ["_c_uuid2-latch-0000000001"]]);
  });

  it("answer to the create lost: the znode is found, and leads", async () => {
    const next = watched(latch.terms().next());
    await turns();
    await driver.session.loseAnswers();
    await driver.session.connect();
    await vi.advanceTimersByTimeAsync(1_000);
    await driver.session.serve();
    expect([next.state, line()]).toEqual(["done", ["_c_uuid1-latch-0000000000"]]);
  });
});

describe("giving up", () => {
  it("while it waits removes the znode", async () => {
    other();
    const terms = latch.terms();
    const next = terms.next();
    await driver.session.serve();
    const ending = terms.return?.();
    await driver.session.serve();
    await ending;
    expect(await next).toEqual({ done: true, value: undefined });
    expect(line()).toHaveLength(1);
  });

  it("before the create is answered removes the znode as soon as it is there", async () => {
    const terms = latch.terms();
    const next = terms.next();
    await turns();
    const ending = terms.return?.();
    await driver.session.serve();
    await ending;
    expect([await next, line()]).toEqual([{ done: true, value: undefined }, []]);
  });

  it("resign() of one that does not lead sends nothing, and its place is kept", async () => {
    other();
    void latch.terms().next();
    await driver.session.serve();
    driver.session.takeLog();
    await latch.resign();
    await turns();
    expect([driver.session.log, line().length]).toEqual([[], 2]);
  });

  it("the end of the client finishes the iteration", async () => {
    other();
    const next = latch.terms().next();
    await driver.session.serve();
    await client.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe("run()", () => {
  it("runs the body again in the next term when the one before was lost, whatever came of it", async () => {
    const tokens: bigint[] = [];
    const endings = ["throws", "returns", "keeps"];
    const running = watched(
      latch.run(async (term) => {
        tokens.push(term.fencingToken);
        const ending = endings[tokens.length - 1];
        if (ending === "keeps") return "kept";
        await term.ended;
        if (ending === "throws") throw new Error("after its term");
        return "too late";
      }),
    );
    await driver.session.serve();
    for (let terms = 1; terms <= 2; terms++) {
      expect(tokens).toHaveLength(terms);
      driver.tree.delete(`/l/${line()[0]}`);
      await driver.session.serve();
    }
    expect(await running.promise).toBe("kept");
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => Number(a - b)));
    expect(line()).toEqual([]);
  });

  it("drops what the body returned after a deadline that nobody has told of yet", async () => {
    let runs = 0;
    const running = watched(
      latch.run(async () => {
        if (runs++ === 0) vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
        return runs;
      }),
    );
    await driver.session.serve();
    expect([running.state, runs]).toEqual(["pending", 1]);
    vi.restoreAllMocks();
    await loseSession();
    await driver.session.connect();
    await driver.session.serve();
    expect([running.state, runs]).toEqual(["done", 2]);
  });

  it("bounds each wait by timeoutMs, and leaves no znode", async () => {
    other();
    const running = rejection(latch.run(() => expect.fail("it never led"), { timeoutMs: 50 }));
    await driver.session.serve();
    await vi.advanceTimersByTimeAsync(50);
    expect(await running).toMatchObject({ code: "TIMEOUT", op: "lead", path: "/l" });
    await driver.session.serve();
    expect(line()).toHaveLength(1);
  });
});

describe("proclaim()", () => {
  it("is one transaction that checks the znode first, the token before the data", async () => {
    await won(latch.terms());
    const proclaiming = latch.proclaim("here");
    await turns();
    const [asked] = driver.session.open;
    const token = line()[0] ?? "";
    expect(asked?.operation).toMatchObject({
      op: "multi",
      operations: [
        { op: "check", path: `/l/${token}`, version: -1 },
        { op: "setData", path: "/l", version: -1 },
      ],
    });
    await driver.session.answer({ results: [{ op: "check" }, { op: "setData", stat: {} }] });
    await proclaiming;
  });

  it("of one that does not lead, or not any more, sends nothing", async () => {
    expect(await rejection(latch.proclaim("x"))).toMatchObject({ code: "LEASE_LOST" });
    const term = await won(latch.terms());
    const resigning = latch.resign();
    await driver.session.serve();
    await resigning;
    driver.session.takeLog();
    expect(await rejection(term.proclaim("x"))).toMatchObject({ code: "LEASE_LOST", reason: "released" });
    expect(driver.session.log).toEqual([]);
  });
});
