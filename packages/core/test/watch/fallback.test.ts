import type { Operation, Stat, WatchEventType } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { UnsupportedError } from "../../src/errors/client-errors.ts";
import { NoAuthError, NoNodeError } from "../../src/errors/server-errors.ts";
import type { Watch } from "../../src/watch/watch.ts";
import { WatchHub } from "../../src/watch/watch-hub.ts";
import type { WatchMode } from "../../src/watch/znode-event.ts";
import { FakeLink, settle, stat } from "./fake-link.ts";

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

async function answer(tree: Tree): Promise<void> {
  const operation = link.open[0]?.operation as Operation & { path: string };
  if (operation.op === "addWatch") return link.answer(new UnsupportedError("unknown"));
  if (operation.op === "removeWatches") return link.answer();
  const found = tree[operation.path];
  if (found === undefined) return link.answer(new NoNodeError(-101));
  const names = Object.keys(tree)
    .filter((path) => path.slice(0, path.lastIndexOf("/")) === operation.path)
    .map((path) => path.slice(path.lastIndexOf("/") + 1));
  return link.answer({ data: null, stat: found, children: names });
}

async function answerAll(tree: Tree): Promise<void> {
  while (link.open.length > 0) await answer(tree);
}

async function open(mode: WatchMode, tree: Tree): Promise<Watch> {
  const watch = hub.watch("/r", { mode });
  const read = async (): Promise<void> => {
    for await (const event of watch) seen.push(`${event.type} ${event.path}${"zxid" in event ? ` ${event.zxid}` : ""}`);
  };
  read().catch((error: Error) => seen.push(error.name));
  await answerAll(tree);
  await watch.ready;
  link.takeLog();
  return watch;
}

async function tell(type: WatchEventType, path: string): Promise<void> {
  hub.dispatch({ type, path, zxid: -1n });
  await settle();
}

const [root, a, b] = [stat({ czxid: 1 }), stat({ czxid: 2 }), stat({ czxid: 3 })];
const whole = { "/r": root, "/r/a": a, "/r/a/b": b };

describe("where the server knows no persistent watches", () => {
  it("one-shot watches are left instead, and it is not asked again in this session", async () => {
    const watch = hub.watch("/r");
    await answer({});
    expect(link.takeLog()).toEqual(["addWatch /r persistent", "exists /r watch"]);
    await answer({ "/r": root });
    await watch.ready;
    hub.watch("/x", { mode: "children" });
    expect(link.takeLog()).toEqual(["getChildren2 /x watch"]);
    hub.sessionEnded();
    link = new FakeLink();
    hub.sessionStarted(link);
    expect(link.takeLog()).toEqual(["addWatch /r persistent", "addWatch /x persistent"]);
  });

  it("readers of one mode share them, and the last one takes them away", async () => {
    const first = await open("node", { "/r": root });
    const second = hub.watch("/r");
    await second.ready;
    expect(link.takeLog()).toEqual([]);
    await first.close();
    expect(link.takeLog()).toEqual([]);
    await second.close();
    expect(link.takeLog()).toEqual(["removeWatches /r data"]);
  });

  it("what relied on the persistent watch asked for gets a watch of its own", async () => {
    hub.watch("/r");
    const told: string[] = [];
    hub.once(link, { kind: "data", path: "/r" }, ({ type }) => told.push(type));
    await answerAll({ "/r": root });
    expect(link.takeLog()).toEqual(["addWatch /r persistent", "getData /r", "exists /r watch", "getData /r watch"]);
    await tell("dataChanged", "/r");
    expect(told).toEqual(["dataChanged"]);
  });

  it("a lost connection is told, and what happened meanwhile as the driver finds it", async () => {
    await open("node", { "/r": root });
    await link.disconnect();
    link.connect();
    hub.reconnected();
    await tell("dataChanged", "/r");
    await answerAll({ "/r": stat({ czxid: 1, mzxid: 9 }) });
    expect(seen).toEqual(["resync /r", "dataChanged /r 9"]);
  });

  it("a read lost with the connection is made again", async () => {
    await open("node", { "/r": root });
    await tell("dataChanged", "/r");
    await link.disconnect();
    link.takeLog();
    link.connect();
    hub.reconnected();
    await settle();
    expect(link.takeLog()).toEqual(["exists /r watch"]);
    await answerAll({ "/r": stat({ czxid: 1, mzxid: 9 }) });
    expect(seen).toEqual(["resync /r", "dataChanged /r 9"]);
  });

  it("a refusal ends the watch", async () => {
    const watch = await open("children", { "/r": root });
    await tell("childrenChanged", "/r");
    await link.answer(new NoAuthError(-102));
    expect(seen).toEqual(["NoAuthError"]);
    expect(watch.current).toBe(false);
  });
});

describe("mode node", () => {
  it.each([
    ["dataChanged", stat({ czxid: 1, mzxid: 9 }), ["dataChanged /r 9"]],
    ["deleted", undefined, ["deleted /r -1"]],
    ["deleted", stat({ czxid: 8 }), ["deleted /r -1", "created /r 8"]],
    ["dataChanged", undefined, ["deleted /r -1"]],
  ] as const)("after the event %s compares with what is there now", async (type, now, expected) => {
    await open("node", { "/r": root });
    await tell(type, "/r");
    await answerAll(now === undefined ? {} : { "/r": now });
    expect(seen).toEqual(expected);
  });

  it("does not lose a znode that came and went", async () => {
    await open("node", {});
    await tell("created", "/r");
    await answerAll({});
    expect(seen).toEqual(["created /r -1", "deleted /r -1"]);
  });
});

describe("mode children", () => {
  it("waits for a missing znode, then lists it", async () => {
    await open("children", {});
    await tell("created", "/r");
    await answerAll({ "/r": stat({ czxid: 1, pzxid: 2 }) });
    expect(seen).toEqual(["created /r 1", "childrenChanged /r 2"]);
    await tell("deleted", "/r");
    await answerAll({});
    await tell("created", "/r");
    await answerAll({ "/r": stat({ czxid: 5 }) });
    expect(seen.slice(2)).toEqual(["deleted /r -1", "created /r 5"]);
  });

  it("finds the znode that came between the two questions", async () => {
    const watch = hub.watch("/r", { mode: "children" });
    await answer({});
    await answer({});
    await answer({ "/r": root });
    expect(link.takeLog().slice(-2)).toEqual(["removeWatches /r data", "getChildren2 /r watch"]);
    await answerAll({ "/r": root });
    await watch.ready;
  });
});

describe("mode recursive", () => {
  it("watches each znode and its list", async () => {
    const watch = hub.watch("/r", { mode: "recursive" });
    await answerAll(whole);
    await watch.ready;
    expect(link.takeLog()).toEqual(
      ["addWatch /r recursive"].concat(
        ["/r", "/r/a", "/r/a/b"].flatMap((path) => [`exists ${path} watch`, `getChildren2 ${path} watch`]),
      ),
    );
  });

  it("finds new znodes with what is below them", async () => {
    await open("recursive", { "/r": root });
    await tell("childrenChanged", "/r");
    await answerAll(whole);
    expect(seen).toEqual(["created /r/a 2", "created /r/a/b 3"]);
  });

  it("finds those that are gone, deepest first, and leaves nothing watched", async () => {
    await open("recursive", whole);
    for (const path of ["/r/a/b", "/r/a"]) await tell("deleted", path);
    await tell("childrenChanged", "/r");
    await answerAll({ "/r": root });
    expect(seen).toEqual(["deleted /r/a/b -1", "deleted /r/a -1"]);
    // The questions for what is gone left watches for its return.
    expect(link.takeLog()).toEqual([
      ...["/r/a/b", "/r/a"].flatMap((path) => [`exists ${path} watch`, `getChildren2 ${path} watch`]),
      "getChildren2 /r watch",
      "removeWatches /r/a/b data",
      "removeWatches /r/a data",
    ]);
  });

  it("reads the list again of a znode that was replaced, even if it had listed the new one already", async () => {
    const watch = hub.watch("/r", { mode: "recursive" });
    await answer({});
    await answer({ "/r": root });
    await link.disconnect();
    link.connect();
    hub.reconnected();
    await settle();
    const now = { "/r": stat({ czxid: 8 }), "/r/a": stat({ czxid: 9 }) };
    await answerAll(now);
    await watch.ready;
    const read = async (): Promise<void> => {
      for await (const { type, path } of watch) seen.push(`${type} ${path}`);
    };
    void read();
    // How the driver learns of the replacement when it arms the watch of the first answer again.
    await tell("dataChanged", "/r");
    await answerAll(now);
    expect(seen).toEqual(["deleted /r/a", "deleted /r", "created /r", "created /r/a"]);
    await tell("dataChanged", "/r/a");
    await answerAll({ ...now, "/r/a": stat({ czxid: 9, mzxid: 11 }) });
    expect(seen.at(-1)).toBe("dataChanged /r/a");
  });

  it("finds one that came back before its parent was listed", async () => {
    await open("recursive", whole);
    await tell("deleted", "/r/a");
    await answer({ "/r": root });
    await answerAll({ "/r": root, "/r/a": stat({ czxid: 8 }), "/r/a/c": stat({ czxid: 9 }) });
    await tell("childrenChanged", "/r");
    await answerAll({ "/r": root, "/r/a": stat({ czxid: 8 }), "/r/a/c": stat({ czxid: 9 }) });
    await tell("created", "/r/a");
    await answerAll({ "/r": root, "/r/a": stat({ czxid: 8 }), "/r/a/c": stat({ czxid: 9 }) });
    expect(seen.slice(0, 2)).toEqual(["deleted /r/a/b -1", "deleted /r/a -1"]);
    expect(seen.slice(2).sort()).toEqual(["created /r/a 8", "created /r/a/c 9"]);
  });

  it("asks nothing more once it has ended", async () => {
    const watch = hub.watch("/r", { mode: "recursive" });
    await answer({});
    link.takeLog();
    await watch.close();
    await answerAll(whole);
    expect(link.takeLog()).toEqual(["removeWatches /r data", "removeWatches /r children"]);
  });

  it("does not look below what it may not list", async () => {
    const watch = hub.watch("/r", { mode: "recursive" });
    for (const step of [{}, { "/r": root, "/r/a": a }, { "/r": root, "/r/a": a }, { "/r": root, "/r/a": a }])
      await answer(step);
    expect(link.takeLog().at(-1)).toBe("getChildren2 /r/a watch");
    await link.answer(new NoAuthError(-102));
    await watch.ready;
  });

  it("what it finds on its first walk is no news", async () => {
    const watch = hub.watch("/r", { mode: "recursive" });
    const read = async (): Promise<void> => {
      for await (const { type, path } of watch) seen.push(`${type} ${path}`);
    };
    void read();
    await answer({});
    await answer({ "/r": root });
    await answer(whole);
    await tell("childrenChanged", "/r");
    await answerAll({ ...whole, "/r/new": stat({ czxid: 7 }) });
    await watch.ready;
    expect(seen).toEqual(["created /r/new"]);
  });
});
