import type { WatchEventType } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { NoAuthError, NoNodeError } from "../../src/errors/server-errors.ts";
import type { OneShotKind } from "../../src/watch/one-shot.ts";
import { WatchHub } from "../../src/watch/watch-hub.ts";
import { FakeLink, settle, stat } from "./fake-link.ts";

let hub: WatchHub;
let link: FakeLink;
let told: string[];

beforeEach(() => {
  hub = new WatchHub();
  link = new FakeLink();
  told = [];
  hub.sessionStarted(link);
});

function tell(type: WatchEventType, path: string): void {
  hub.dispatch({ type, path, zxid: -1n });
}

function once(kind: OneShotKind, path = "/a") {
  return hub.once(link, { kind, path }, ({ type, path: where }) => told.push(`${kind}: ${type} ${where}`));
}

const found = { data: null, children: [], stat: stat({ czxid: 1, mzxid: 5, pzxid: 6 }) };
const noNode = () => new NoNodeError(-101);

async function reconnect(): Promise<void> {
  await link.disconnect();
  link.connect();
  hub.reconnected();
}

describe("a one-shot watch", () => {
  it("is left by the read, sent before once() returns", async () => {
    const data = once("data");
    const exists = once("exists");
    const children = once("children");
    expect(link.log).toEqual(["getData /a watch", "exists /a watch", "getChildren2 /a watch"]);
    for (let i = 0; i < 3; i++) await link.answer(found);
    expect(await Promise.all([data.reply, exists.reply, children.reply])).toEqual([found, found, found]);
  });

  it.each([
    ["data", "dataChanged"],
    ["data", "deleted"],
    ["exists", "created"],
    ["exists", "dataChanged"],
    ["exists", "deleted"],
    ["children", "childrenChanged"],
    ["children", "deleted"],
  ] as const)("left by %s tells once of %s", async (kind, type) => {
    once(kind);
    await link.answer(found);
    tell(type, "/b");
    tell(kind === "children" ? "dataChanged" : "childrenChanged", "/a");
    expect(told).toEqual([]);
    tell(type, "/a");
    tell(type, "/a");
    expect(told).toEqual([`${kind}: ${type} /a`]);
    expect(link.log).toHaveLength(1);
  });

  it("left by exists waits for a znode that is not there", async () => {
    const { reply } = once("exists");
    await link.answer(noNode());
    expect(await reply).toBeUndefined();
    tell("created", "/a");
    expect(told).toEqual(["exists: created /a"]);
  });

  it("is not there when the read fails", async () => {
    const { reply } = once("data");
    const rejected = expect(reply).rejects.toThrow(NoNodeError);
    tell("created", "/a");
    await link.answer(noNode());
    await rejected;
    tell("created", "/a");
    expect(told).toEqual([]);
  });

  it("does not tell of an event before the read has succeeded, but does not lose it", async () => {
    once("data");
    tell("dataChanged", "/a");
    expect(told).toEqual([]);
    await link.answer(found);
    expect(told).toEqual(["data: dataChanged /a"]);
  });

  it("tells nothing after the session ended", async () => {
    once("exists");
    await link.answer(found);
    await link.end();
    hub.sessionEnded();
    hub.sessionStarted(new FakeLink());
    tell("deleted", "/a");
    expect(told).toEqual([]);
  });

  it("may ask for the next one in its listener", async () => {
    hub.once(link, { kind: "exists", path: "/a" }, () => once("exists"));
    await link.answer(found);
    tell("dataChanged", "/a");
    await link.answer(found);
    tell("deleted", "/a");
    expect(told).toEqual(["exists: deleted /a"]);
  });

  it("keeps a listener that throws to itself", async () => {
    hub.once(link, { kind: "exists", path: "/a" }, () => {
      throw new Error("faulty");
    });
    once("exists");
    await link.answer(found);
    await link.answer(found);
    tell("deleted", "/a");
    expect(told).toEqual(["exists: deleted /a"]);
  });
});

describe("cancel()", () => {
  it("silences the listener and takes the watch from the server", async () => {
    const shot = once("exists");
    await link.answer(found);
    shot.cancel();
    shot.cancel();
    tell("deleted", "/a");
    expect(told).toEqual([]);
    expect(link.log).toEqual(["exists /a watch", "removeWatches /a data"]);
  });

  it("leaves the watch to another listener of its kind", async () => {
    const [data, exists, children] = [once("data"), once("exists"), once("children")];
    link.takeLog();
    data.cancel();
    expect(link.takeLog()).toEqual([]);
    children.cancel();
    expect(link.takeLog()).toEqual(["removeWatches /a children"]);
    exists.cancel();
    expect(link.takeLog()).toEqual(["removeWatches /a data"]);
  });

  it("before the answer leaves no unhandled rejection", async () => {
    once("data").cancel();
    await link.answer(noNode());
  });

  it("after the event does nothing", async () => {
    const shot = once("exists");
    await link.answer(found);
    tell("deleted", "/a");
    shot.cancel();
    expect(link.log).toEqual(["exists /a watch"]);
  });

  it("while the connection is away is told to the server later", async () => {
    const [gone, kept] = [once("exists", "/gone"), once("exists", "/kept")];
    await link.answer(found);
    await link.answer(found);
    await link.disconnect();
    gone.cancel();
    kept.cancel();
    link.connect();
    link.takeLog();
    once("exists", "/kept");
    hub.reconnected();
    expect(link.takeLog()).toEqual(["exists /kept watch", "removeWatches /gone data"]);
  });
});

/** Up to 3.8 a one-shot request on a path with a persistent watch makes that a one-shot watch (ZOOKEEPER-4466). */
describe("beside a persistent watch of the same path", () => {
  it("a read asks for no watch of its own and is served all the same", async () => {
    const watch = hub.watch("/a");
    once("exists");
    once("children");
    expect(link.takeLog()).toEqual(["addWatch /a persistent", "exists /a", "getChildren2 /a"]);
    for (const reply of [{}, found, found]) await link.answer(reply);
    tell("dataChanged", "/a");
    tell("childrenChanged", "/a");
    expect(told).toEqual(["exists: dataChanged /a", "children: childrenChanged /a"]);
    expect(watch.current).toBe(true);
  });

  it("which is recursive, a changed list is known from the children, told once", async () => {
    hub.watch("/a", { mode: "recursive" });
    await link.answer();
    once("children");
    await link.answer(found);
    tell("dataChanged", "/a/b");
    tell("created", "/a/b/c");
    expect(told).toEqual([]);
    tell("deleted", "/a/b");
    tell("childrenChanged", "/a");
    expect(told).toEqual(["children: childrenChanged /a"]);
  });

  it("one left before is served from it", async () => {
    once("children");
    await link.answer(found);
    hub.watch("/a", { mode: "recursive" });
    await link.answer();
    tell("created", "/a/b");
    expect(told).toEqual(["children: childrenChanged /a"]);
  });

  it("the persistent watch stays until the last listener has gone", async () => {
    const watch = hub.watch("/a");
    await link.answer();
    const [fired, cancelled] = [once("exists"), once("children")];
    await link.answer(found);
    await link.answer(found);
    await watch.close();
    tell("dataChanged", "/a");
    expect(told).toEqual(["exists: dataChanged /a"]);
    expect(link.takeLog()).not.toContain("removeWatches /a any");
    fired.cancel();
    cancelled.cancel();
    expect(link.takeLog()).toEqual(["removeWatches /a any"]);
  });

  it("a cancelled listener leaves the persistent watch alone", async () => {
    once("exists").cancel();
    hub.watch("/a");
    once("data").cancel();
    expect(link.log).toEqual(["exists /a watch", "removeWatches /a data", "addWatch /a persistent", "getData /a"]);
  });

  it.each([
    ["exists", stat({ czxid: 1, mzxid: 5, pzxid: 9 }), []],
    ["exists", stat({ czxid: 1, mzxid: 7, pzxid: 6 }), ["exists: dataChanged /a"]],
    ["exists", stat({ czxid: 7 }), ["exists: deleted /a"]],
    ["exists", undefined, ["exists: deleted /a"]],
    ["data", undefined, ["data: deleted /a"]],
    ["children", stat({ czxid: 1, mzxid: 7, pzxid: 6 }), []],
    ["children", stat({ czxid: 1, mzxid: 5, pzxid: 9 }), ["children: childrenChanged /a"]],
    ["children", undefined, ["children: deleted /a"]],
  ] as const)("what %s missed while the connection was away is found", async (kind, now, expected) => {
    hub.watch("/a");
    await link.answer();
    once(kind);
    await link.answer(found);
    link.takeLog();
    await reconnect();
    expect(link.log).toHaveLength(1);
    await link.answer(now === undefined ? noNode() : { ...found, stat: now });
    expect(told).toEqual(expected);
    tell("deleted", "/a");
    expect(told).toHaveLength(1);
  });

  it.each([
    [undefined, []],
    [stat({ czxid: 7 }), ["exists: created /a"]],
  ])("so is that a missing znode has come", async (now, expected) => {
    hub.watch("/a");
    await link.answer();
    once("exists");
    await link.answer(noNode());
    await reconnect();
    await link.answer(now === undefined ? noNode() : { stat: now });
    expect(told).toEqual(expected);
  });

  it("which the server refuses, each gets a watch of its own and what happened meanwhile is found", async () => {
    const watch = hub.watch("/a");
    once("exists");
    once("children");
    await link.answer(new NoAuthError(-102));
    await expect(watch.ready).rejects.toThrow(NoAuthError);
    await link.answer(found);
    await link.answer(found);
    expect(link.takeLog().slice(3)).toEqual(["exists /a watch", "getChildren2 /a watch"]);
    await link.answer({ stat: stat({ czxid: 1, mzxid: 8 }) });
    await link.answer(found);
    expect(told).toEqual(["exists: dataChanged /a"]);
    tell("childrenChanged", "/a");
    await settle();
    expect(told).toEqual(["exists: dataChanged /a", "children: childrenChanged /a"]);
  });
});
