import type { Operation, Stat, WatchEventType } from "@quorate/protocol";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { cacheReader } from "../../src/cache/cache-reader.ts";
import type { TreeCache } from "../../src/cache/caches.ts";
import { openCache } from "../../src/cache/open-cache.ts";
import { ConnectionLossError, TooLargeError } from "../../src/errors/client-errors.ts";
import { NoAuthError, NoNodeError } from "../../src/errors/server-errors.ts";
import { chroot } from "../../src/paths/chroot.ts";
import { WatchHub } from "../../src/watch/watch-hub.ts";
import { FakeLink, settle, stat } from "../watch/fake-link.ts";

let hub: WatchHub;
let link: FakeLink;
let seen: string[];

beforeEach(() => {
  hub = new WatchHub();
  link = new FakeLink();
  seen = [];
  hub.sessionStarted(link);
});

/** The server's state, from which the answers are made. */
type Tree = Record<string, Stat>;

const caller = {
  chroot: chroot("/"),
  call: ((operation: Operation) => link.request(operation)) as never,
};

function replyTo(operation: Operation, tree: Tree): object {
  if (operation.op === "addWatch" || operation.op === "sync") return {};
  if (operation.op === "multiRead") {
    const results = operation.operations.map(({ op, path }) =>
      tree[path] === undefined ? { op: "error", err: -101 } : { op, data: null, stat: tree[path] },
    );
    return { results };
  }
  const { path } = operation as { path: string };
  const found = tree[path];
  if (found === undefined) return new NoNodeError(-101);
  const below = path === "/" ? "/" : `${path}/`;
  const children = Object.keys(tree)
    .filter((other) => other.startsWith(below) && !other.slice(below.length).includes("/"))
    .map((other) => other.slice(below.length));
  return { data: null, stat: found, children };
}

/** Answers the oldest request as a server with this state would. */
async function answer(tree: Tree): Promise<void> {
  const operation = link.open[0]?.operation;
  if (operation === undefined) throw new Error("nothing was asked");
  await link.answer(replyTo(operation, tree));
}

async function answerAll(tree: Tree): Promise<void> {
  while (link.open.length > 0) await answer(tree);
}

async function open(tree: Tree, maxDepth?: number): Promise<TreeCache> {
  const opening = openCache(
    cacheReader(caller, (path, options) => hub.watch(path, options)),
    "/r",
    { maxDepth },
  );
  await settle();
  await answerAll(tree);
  const cache = await opening;
  const read = async (): Promise<void> => {
    for await (const { type, path, node } of cache.changes()) seen.push(`${type} ${path} ${node.stat.mzxid}`);
  };
  read().catch((error: Error) => seen.push(error.name));
  link.takeLog();
  return cache;
}

async function tell(type: WatchEventType, path: string): Promise<void> {
  hub.dispatch({ type, path, zxid: -1n });
  await settle();
}

async function reconnect(): Promise<void> {
  await link.disconnect();
  link.connect();
  hub.reconnected();
  await settle();
}

const [root, a, b] = [stat({ czxid: 1 }), stat({ czxid: 2 }), stat({ czxid: 3 })];

describe("opening", () => {
  it("reads after the watch is armed, everything of one level in one go", async () => {
    const opening = openCache(
      cacheReader(caller, (path, options) => hub.watch(path, options)),
      "/r",
    );
    const tree = { "/r": root, "/r/a": a, "/r/b": b };
    expect(link.takeLog()).toEqual(["addWatch /r recursive"]);
    await answer(tree);
    expect(link.takeLog()).toEqual(["getChildren2 /r"]);
    await answer(tree);
    expect(link.takeLog()).toEqual(["getChildren2 /r/a", "getChildren2 /r/b", "getData /r"]);
    await answerAll(tree);
    expect([...(await opening).entries()].map(([path]) => path)).toEqual(["/r", "/r/a", "/r/b"]);
  });

  it("keeps no more than 512 requests in flight", async () => {
    const tree: Tree = { "/r": root };
    for (let i = 0; i < 2_000; i++) tree[`/r/${i}`] = a;
    const opening = openCache(
      cacheReader(caller, (path, options) => hub.watch(path, options)),
      "/r",
    );
    let most = 0;
    while (link.open.length > 0) {
      most = Math.max(most, link.open.length);
      await answer(tree);
    }
    expect((await opening).size).toBe(2_001);
    expect(most).toBe(512);
  });

  it("fails with a refusal that is not to be waited out, and takes the watch back", async () => {
    const opening = openCache(
      cacheReader(caller, (path, options) => hub.watch(path, options)),
      "/r",
    );
    await settle();
    await link.answer();
    const failed = expect(opening).rejects.toThrow("much");
    await link.answer(new TooLargeError("too much"));
    await failed;
    expect(link.log.at(-1)).toBe("removeWatches /r any");
  });

  it("fails where the watch is refused", async () => {
    const opening = openCache(
      cacheReader(caller, (path, options) => hub.watch(path, options)),
      "/r",
    );
    await settle();
    const failed = expect(opening).rejects.toThrow(NoAuthError);
    await link.answer(new NoAuthError(-102));
    await failed;
  });
});

describe("a change", () => {
  it("is what a read sent after the event finds", async () => {
    const cache = await open({ "/r": root });
    await tell("created", "/r/a");
    await tell("dataChanged", "/r");
    expect(link.takeLog()).toEqual(["getData /r/a", "getData /r"]);
    await answerAll({ "/r": stat({ czxid: 1, mzxid: 9 }), "/r/a": a });
    expect(seen).toEqual(["added /r/a 2", "updated /r 9"]);
    expect(cache.stale).toBe(false);
  });

  it("during a read leads to another one after it", async () => {
    const cache = await open({ "/r": root });
    for (let i = 0; i < 3; i++) await tell("dataChanged", "/r");
    expect(link.takeLog()).toEqual(["getData /r"]);
    await answer({ "/r": stat({ czxid: 1, mzxid: 7 }) });
    expect(link.takeLog()).toEqual(["getData /r"]);
    await answer({ "/r": stat({ czxid: 1, mzxid: 9 }) });
    expect(link.open).toEqual([]);
    expect(seen).toEqual(["updated /r 7", "updated /r 9"]);
    expect(cache.get("/r")?.stat.mzxid).toBe(9n);
  });

  it("told as a deletion after the znode has come back removes nothing", async () => {
    const cache = await open({ "/r": root, "/r/a": a });
    await tell("deleted", "/r/a");
    await answerAll({ "/r": root, "/r/a": stat({ czxid: 8 }) });
    expect(seen).toEqual(["updated /r/a 8"]);
    expect(cache.children()).toEqual(["a"]);
  });

  it("of an older state than the one held is none", async () => {
    await open({ "/r": stat({ czxid: 1, mzxid: 9 }) });
    await tell("dataChanged", "/r");
    await answerAll({ "/r": stat({ czxid: 1, mzxid: 8 }) });
    expect(seen).toEqual([]);
  });

  it("that removes a znode removes what is below it, deepest first", async () => {
    await open({ "/r": root, "/r/a": a, "/r/a/b": b });
    await tell("deleted", "/r/a");
    await answerAll({ "/r": root });
    expect(seen).toEqual(["removed /r/a/b 3", "removed /r/a 2"]);
  });

  it("of a znode for another of the same path compares what is below it", async () => {
    await open({ "/r": root, "/r/a": a, "/r/a/old": b });
    await tell("created", "/r/a");
    await answerAll({ "/r": root, "/r/a": stat({ czxid: 7 }), "/r/a/new": stat({ czxid: 8 }) });
    expect(seen).toEqual(["updated /r/a 7", "removed /r/a/old 3", "added /r/a/new 8"]);
  });

  it("adds no child before its parent", async () => {
    const tree = { "/r": root, "/r/a": a, "/r/a/b": b };
    await open({ "/r": root });
    await tell("created", "/r/a");
    await tell("created", "/r/a");
    await tell("created", "/r/a/b");
    // The first read of the parent came too early.
    await answer({ "/r": root });
    await answerAll(tree);
    expect(seen).toEqual(["added /r/a 2", "added /r/a/b 3"]);
  });

  it("below the depth that is kept is none", async () => {
    const cache = await open({ "/r": root, "/r/a": a, "/r/a/b": b }, 1);
    await tell("dataChanged", "/r/a/b");
    expect(link.open).toEqual([]);
    expect(cache.size).toBe(2);
  });

  it("that can no longer be read is a removal", async () => {
    await open({ "/r": root, "/r/a": a });
    await tell("dataChanged", "/r/a");
    await link.answer(new NoAuthError(-102));
    expect(seen).toEqual(["removed /r/a 2"]);
  });
});

describe("after a gap", () => {
  it("all is compared, and only what differs is read", async () => {
    const cache = await open({ "/r": root, "/r/a": a, "/r/b": b });
    await link.disconnect();
    expect(cache.stale).toBe(true);
    link.connect();
    hub.reconnected();
    await settle();
    const now = { "/r": root, "/r/a": stat({ czxid: 2, mzxid: 9 }), "/r/c": stat({ czxid: 7 }) };
    await answerAll(now);
    expect(link.takeLog()).toEqual([
      "sync /r",
      "getChildren2 /r",
      "getChildren2 /r/a",
      "getChildren2 /r/c",
      "getData /r/b",
      "getData /r/a",
      "getData /r/c",
    ]);
    expect(seen).toEqual(["removed /r/b 3", "updated /r/a 9", "added /r/c 7"]);
    expect(cache.stale).toBe(false);
  });

  it("it is stale until everything was compared", async () => {
    const cache = await open({ "/r": root, "/r/a": a });
    await reconnect();
    while (link.open.length > 0) {
      expect(cache.stale).toBe(true);
      await answer({ "/r": root, "/r/a": stat({ czxid: 9 }) });
    }
    expect(cache.stale).toBe(false);
  });

  it("a read that was lost is made again, though the caller's retries had given up", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const cache = await open({ "/r": root });
    await tell("dataChanged", "/r");
    await link.answer(new ConnectionLossError("lost"));
    expect(link.open).toEqual([]);
    vi.advanceTimersByTime(500);
    await settle();
    await answerAll({ "/r": stat({ czxid: 1, mzxid: 9 }) });
    expect(seen).toEqual(["updated /r 9"]);
    await cache.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("another gap during the comparison starts it anew", async () => {
    const cache = await open({ "/r": root, "/r/a": a });
    await reconnect();
    await answer({ "/r": root });
    await reconnect();
    expect(cache.stale).toBe(true);
    await answerAll({ "/r": root });
    await settle();
    await answerAll({ "/r": root });
    expect(seen).toEqual(["removed /r/a 2"]);
    expect(cache.stale).toBe(false);
  });

  it("a server that cannot synchronise is compared with as it is", async () => {
    const cache = await open({ "/r": root });
    await reconnect();
    await link.answer(new NoAuthError(-102));
    await answerAll({ "/r": root });
    expect(cache.stale).toBe(false);
  });
});

describe("the end", () => {
  it("comes with the server's refusal to arm the watch in a new session: the readers of changes get it", async () => {
    const cache = await open({ "/r": root });
    const changes = cache.changes();
    await link.end();
    hub.sessionEnded();
    link = new FakeLink();
    hub.sessionStarted(link);
    await link.answer(new NoAuthError(-102));
    await expect(changes.next()).rejects.toThrow(NoAuthError);
    await expect(cache.changes().next()).rejects.toThrow(NoAuthError);
    expect(cache.stale).toBe(true);
    expect(cache.size).toBe(1);
  });

  it("finishes the changes that are being read, and those read later", async () => {
    const cache = await open({ "/r": root });
    const changes = cache.changes();
    await cache.close();
    await cache.close();
    expect((await changes.next()).done).toBe(true);
    expect((await cache.changes().next()).done).toBe(true);
  });
});

describe("the changes", () => {
  it("nobody reads are merged beyond 1024, and each reader gets its own", async () => {
    const cache = await open({ "/r": root });
    const slow = cache.changes();
    for (let zxid = 2; zxid <= 1_200; zxid++) {
      await tell("dataChanged", "/r");
      await answerAll({ "/r": stat({ czxid: 1, mzxid: zxid }) });
    }
    expect(seen).toHaveLength(1_199);
    const first = (await slow.next()).value;
    expect(first).toMatchObject({
      type: "updated",
      before: { stat: { mzxid: 1n } },
      node: { stat: { mzxid: 1_026n } },
    });
  });

  it("finish with the signal and with a break", async () => {
    const cache = await open({ "/r": root });
    const controller = new AbortController();
    const changes = cache.changes({ signal: controller.signal });
    const waiting = changes.next();
    controller.abort();
    expect((await waiting).done).toBe(true);
    expect((await cache.changes({ signal: controller.signal }).next()).done).toBe(true);
    await tell("dataChanged", "/r");
    const broken = cache.changes();
    await answerAll({ "/r": stat({ czxid: 1, mzxid: 9 }) });
    for await (const change of broken) {
      expect(change.type).toBe("updated");
      break;
    }
    expect((await broken.next()).done).toBe(true);
  });
});

describe("what is pending", () => {
  /** Whether it has resolved, macrotasks later. */
  async function isSettled(promise: Promise<void>): Promise<boolean> {
    let isDone = false;
    void promise.then(() => {
      isDone = true;
    });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return isDone;
  }

  it("is settled once all that was heard of has been read, also what came together with the last answer", async () => {
    const cache = await open({ "/r": root, "/r/a": a, "/r/b": b });
    expect([cache.pending, await isSettled(cache.settled())]).toEqual([false, true]);
    const changed = { "/r": root, "/r/a": stat({ czxid: 2, mzxid: 9 }), "/r/b": stat({ czxid: 3, mzxid: 9 }) };
    hub.dispatch({ type: "dataChanged", path: "/r/a", zxid: -1n });
    await settle();
    const settled = cache.settled();
    expect([cache.pending, await isSettled(settled)]).toEqual([true, false]);
    // The event of the second znode comes just before the answer for the first.
    hub.dispatch({ type: "dataChanged", path: "/r/b", zxid: -1n });
    await answer(changed);
    expect(await isSettled(settled)).toBe(false);
    await answerAll(changed);
    expect([await isSettled(settled), cache.pending]).toEqual([true, false]);
    expect(cache.get("/r/b")?.stat.mzxid).toBe(9n);
  });

  it("stays so while no server is connected, until everything was compared", async () => {
    const cache = await open({ "/r": root, "/r/a": a });
    await tell("dataChanged", "/r/a");
    await link.disconnect();
    const settled = cache.settled();
    expect(await isSettled(settled)).toBe(false);
    link.connect();
    hub.reconnected();
    await settle();
    expect(await isSettled(settled)).toBe(false);
    await answerAll({ "/r": root, "/r/a": stat({ czxid: 2, mzxid: 9 }) });
    expect(await isSettled(settled)).toBe(true);
  });

  it("is nothing any more at the end", async () => {
    const cache = await open({ "/r": root });
    await tell("dataChanged", "/r");
    const settled = cache.settled();
    await cache.close();
    expect([cache.pending, await isSettled(settled)]).toEqual([false, true]);
  });
});
