import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { EphemeralNode } from "../../src/keep/ephemeral-node.ts";
import type { KeepOptions } from "../../src/keep/keep-options.ts";
import type { FakeDriver } from "../support/fake-driver.ts";
import { openClient } from "../support/open-client.ts";
import { rejection, turns, watched } from "../support/turns.ts";

const someoneElse = 99n;
const ephemeral = 1;

let client: Client;
let driver: FakeDriver;

beforeEach(async () => {
  vi.useFakeTimers();
  ({ client, driver } = await openClient());
});

afterEach(async () => {
  const closing = client.close();
  await turns();
  await closing;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const tree = (): FakeDriver["tree"] => driver.tree;

async function kept(data = "1", options: KeepOptions = {}): Promise<EphemeralNode> {
  const keeping = EphemeralNode.keep(client, "/n", data, options);
  await driver.session.serve();
  const node = await keeping;
  await driver.session.serve();
  driver.session.takeLog();
  return node;
}

async function served<T>(promise: Promise<T>): Promise<T> {
  await driver.session.serve();
  return promise;
}

function reasonOf({ state }: EphemeralNode): string {
  return state.kind === "absent" ? state.reason : state.kind;
}

/** Ends the session at the server and here, and serves the next. */
async function nextSession(options: { readonly nodeStays: boolean }): Promise<void> {
  const { session } = driver;
  if (!options.nodeStays) await session.endAtServer();
  await session.expire();
  await driver.session.connect();
  await driver.session.serve();
}

describe("a kept node", () => {
  it("is made by one request, and watched by one more", async () => {
    const keeping = watched(EphemeralNode.keep(client, "/n", "1"));
    await turns();
    expect(driver.session.takeLog()).toEqual(["create2 /n"]);
    await driver.session.serve(1);
    expect(keeping.state).toBe("done");
    expect(driver.session.takeLog()).toEqual(["exists /n"]);
    await driver.session.serve();
    expect([tree().data("/n"), tree().watched]).toEqual(["1", ["/n"]]);
    const node = await keeping.promise;
    await served(node.close());
    expect([tree().paths, tree().watched]).toEqual([["/"], []]);
  });

  it("is deleted only as the node it is: looked at, then by its version", async () => {
    const node = await kept();
    tree().set("/n", "an operator's");
    await driver.session.serve();
    driver.session.takeLog();
    await served(node.close());
    expect(driver.session.takeLog()).toEqual(["removeWatches /n", "exists /n", "delete /n"]);
    expect(tree().paths).toEqual(["/"]);
  });

  it("closed when another is in its place: that one stays", async () => {
    const node = await kept();
    await driver.session.disconnect();
    tree().delete("/n");
    const { stat } = tree().create("/n", ephemeral, someoneElse, "theirs");
    const closing = node.close();
    await driver.session.connect();
    await served(closing);
    expect([tree().data("/n"), tree().apply({ op: "exists", path: "/n", watch: false }, 0n, () => {})]).toEqual([
      "theirs",
      { stat },
    ]);
  });

  it.each(["written to", "removed"])("is not %s when another took its place after the look", async (how) => {
    const node = await kept();
    // Now of another version than a new one.
    tree().set("/n", "an operator's");
    await driver.session.serve();
    const changing = watched(how === "removed" ? node.close() : node.set("2"));
    await driver.session.serve(2);
    const [asked] = driver.session.open;
    expect(asked?.operation).toMatchObject({ op: how === "removed" ? "delete" : "setData", path: "/n", version: 1 });
    tree().delete("/n");
    tree().create("/n", ephemeral, someoneElse, "theirs");
    await driver.session.serve();
    expect(tree().data("/n")).toBe("theirs");
    expect([changing.state, reasonOf(node)]).toEqual(how === "removed" ? ["done", "closed"] : ["pending", "occupied"]);
    if (how === "removed") return;
    tree().delete("/n");
    await driver.session.serve();
    expect([tree().data("/n"), changing.state, reasonOf(node)]).toEqual(["2", "done", "present"]);
  });

  it("is written over an operator's change, which does not get in its way", async () => {
    const node = await kept();
    const setting = watched(node.set("2"));
    await turns();
    // The watch is taken back, then the look; the change comes after it.
    await driver.session.serve(2);
    tree().set("/n", "an operator's");
    await driver.session.serve();
    expect([tree().data("/n"), setting.state]).toEqual(["2", "done"]);
  });

  it("written while the answer is lost: written again, known to be there", async () => {
    const node = await kept();
    const setting = watched(node.set("2"));
    await driver.session.serve(2);
    expect(driver.session.open.map(({ operation }) => operation.op)).toEqual(["setData"]);
    await driver.session.loseAnswers();
    await driver.session.connect();
    // The core asks again a little later.
    await vi.advanceTimersByTimeAsync(1_000);
    await driver.session.serve();
    expect([tree().data("/n"), setting.state, reasonOf(node)]).toEqual(["2", "done", "present"]);
  });

  it("several changes at once are one write, of the newest", async () => {
    const node = await kept();
    const setting = ["2", "3", "4"].map((data) => watched(node.set(data)));
    await driver.session.serve();
    expect(setting.map(({ state }) => state)).toEqual(["done", "done", "done"]);
    expect(driver.session.takeLog().filter((entry) => entry.startsWith("setData"))).toHaveLength(1);
    expect(tree().data("/n")).toBe("4");
  });

  it("a change refused for good is given up, the node goes on with what it has", async () => {
    const node = await kept();
    const setting = rejection(node.set("2"));
    await driver.session.serve(2);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await setting).toMatchObject({ code: "NO_AUTH" });
    await driver.session.serve();
    expect([node.isPresent, tree().data("/n")]).toEqual([true, "1"]);
  });
});

describe("its session lost", () => {
  it("made again in the next one", async () => {
    const node = await kept();
    const states: string[] = [];
    void (async () => {
      for await (const _ of node.states()) states.push(reasonOf(node));
    })();
    await nextSession({ nodeStays: false });
    expect(states).toEqual(["present", "session-lost", "present"]);
    expect(driver.session.log).toEqual(["create2 /n", "exists /n"]);
  });

  it("its dying node is known by its owner, and replaced in one transaction", async () => {
    const node = await kept();
    const before = node.state.kind === "present" ? node.state.czxid : 0n;
    await nextSession({ nodeStays: true });
    expect(driver.session.log).toEqual(["create2 /n", "exists /n", "multi", "create2 /n", "exists /n", "exists /n"]);
    expect(node.state).toMatchObject({ kind: "present", path: "/n" });
    expect(node.state.kind === "present" && node.state.czxid > before).toBe(true);
  });

  it("made again just before, which nobody was told: known by its owner all the same, and replaced", async () => {
    const node = await kept();
    tree().delete("/n");
    await driver.session.serve(2);
    expect(driver.session.open.map(({ operation }) => operation.op)).toEqual(["create2"]);
    await driver.session.loseAnswers();
    expect(tree().paths).toContain("/n");
    await nextSession({ nodeStays: true });
    expect(reasonOf(node)).toBe("present");
    expect(driver.session.log).toContain("multi");
  });

  it("what came after it is another's, and waited for", async () => {
    const node = await kept();
    const { session } = driver;
    await session.endAtServer();
    tree().create("/n", ephemeral, someoneElse, "theirs");
    await session.expire();
    await driver.session.connect();
    await driver.session.serve();
    expect([reasonOf(node), tree().data("/n")]).toEqual(["occupied", "theirs"]);
    tree().delete("/n");
    await driver.session.serve();
    expect([reasonOf(node), tree().data("/n")]).toEqual(["present", "1"]);
  });

  it("is not present from the deadline on, whatever timers have told", async () => {
    const node = await kept();
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
    expect([node.isPresent, reasonOf(node)]).toEqual([false, "present"]);
    clock.mockRestore();
    expect(node.isPresent).toBe(true);
  });
});

describe("a node refused", () => {
  it("for the moment is asked for again, half a second later", async () => {
    const keeping = watched(EphemeralNode.keep(client, "/n"));
    await turns();
    await driver.session.refuse(ErrorCode.QUOTA_EXCEEDED);
    await vi.advanceTimersByTimeAsync(499);
    expect([keeping.state, driver.session.open]).toEqual(["pending", []]);
    await vi.advanceTimersByTimeAsync(1);
    await driver.session.serve();
    expect(keeping.state).toBe("done");
  });

  it("for good rejects, and nothing is tried any more", async () => {
    const keeping = rejection(EphemeralNode.keep(client, "/n"));
    await turns();
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await keeping).toMatchObject({ code: "NO_AUTH" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(driver.session.log).toEqual(["create2 /n"]);
  });

  it("for good later on is asked for again all the same: somebody may mend it", async () => {
    const node = await kept();
    tree().delete("/n");
    // It looks what has become of it, and takes that watch back.
    await driver.session.serve(2);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(node.state).toMatchObject({ kind: "absent", reason: "refused", error: { code: "NO_AUTH" } });
    await vi.advanceTimersByTimeAsync(500);
    await driver.session.serve();
    expect(reasonOf(node)).toBe("present");
  });
});

describe("a TTL node", () => {
  const touches = (): number => driver.session.takeLog().filter((entry) => entry.startsWith("setData")).length;

  it("is touched three times in its life, by writing what it holds", async () => {
    tree().create("/n", 0, 0n, "the process before");
    await kept("1", { mode: "ttl", ttlMs: 900 });
    expect(tree().data("/n")).toBe("1");
    for (let third = 0; third < 3; third++) {
      await vi.advanceTimersByTimeAsync(299);
      await driver.session.serve();
      expect(touches()).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      await driver.session.serve();
      expect(touches()).toBe(1);
    }
  });

  it("of a hundred days is not touched all the time", async () => {
    tree().create("/n");
    await kept("1", { mode: "ttl", ttlMs: 100 * 24 * 3_600_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    await driver.session.serve();
    expect(touches()).toBe(0);
  });
});
