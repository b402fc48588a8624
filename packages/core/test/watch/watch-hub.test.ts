import type { WatchEventType } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { ClosedError, InvalidArgumentError } from "../../src/errors/client-errors.ts";
import { NoAuthError } from "../../src/errors/server-errors.ts";
import type { Watch } from "../../src/watch/watch.ts";
import { WatchHub } from "../../src/watch/watch-hub.ts";
import type { ZnodeEvent } from "../../src/watch/znode-event.ts";
import { FakeLink, settle } from "./fake-link.ts";

let hub: WatchHub;
let link: FakeLink;

beforeEach(() => {
  hub = new WatchHub();
  link = new FakeLink();
  hub.sessionStarted(link);
});

function tell(type: WatchEventType, path: string): void {
  hub.dispatch({ type, path, zxid: -1n });
}

/** Collects what a watch tells, as `type path`. */
function collect(watch: Watch): string[] {
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const event of watch) seen.push(`${event.type} ${event.path}`);
    seen.push("end");
  };
  read().catch((error: Error) => seen.push(error.name));
  return seen;
}

async function reconnect(): Promise<void> {
  await link.disconnect();
  link.connect();
  hub.reconnected();
  await settle();
}

describe("arming", () => {
  it("sends the request before watch() returns", () => {
    hub.watch("/a");
    expect(link.log).toEqual(["addWatch /a persistent"]);
  });

  it("is ready when the server has answered", async () => {
    const watch = hub.watch("/a");
    let ready = false;
    void watch.ready.then(() => {
      ready = true;
    });
    await settle();
    expect(ready).toBe(false);
    expect(watch.current).toBe(false);
    await link.answer();
    expect(ready).toBe(true);
    expect(watch.current).toBe(true);
  });

  it("shares one watch of the server among all who follow a path", async () => {
    const node = hub.watch("/a");
    const children = hub.watch("/a", { mode: "children" });
    await link.answer();
    await node.ready;
    await children.ready;
    hub.watch("/a");
    expect(link.log).toEqual(["addWatch /a persistent"]);
  });

  it("widens to recursive once and serves the others from that", async () => {
    const node = hub.watch("/a");
    hub.watch("/a", { mode: "recursive" });
    const late = hub.watch("/a", { mode: "children" });
    hub.watch("/a", { mode: "recursive" });
    expect(link.log).toEqual(["addWatch /a persistent", "addWatch /a recursive"]);
    await link.answer();
    await node.ready;
    await late.ready;
  });

  it("waits for a connection where there is none", async () => {
    await link.disconnect();
    const watch = hub.watch("/a");
    expect(link.log).toEqual([]);
    link.connect();
    hub.reconnected();
    expect(link.log).toEqual(["addWatch /a persistent"]);
    await link.answer();
    await watch.ready;
    expect(collect(watch)).toEqual([]);
  });

  it("asks again when the answer was lost with the connection", async () => {
    const watch = hub.watch("/a");
    await reconnect();
    expect(link.log).toEqual(["addWatch /a persistent", "addWatch /a persistent"]);
    await link.answer();
    await watch.ready;
  });

  it("throws the server's refusal to the reader and rejects ready", async () => {
    const watch = hub.watch("/a");
    const seen = collect(watch);
    await link.answer(new NoAuthError(-102));
    await expect(watch.ready).rejects.toThrow(NoAuthError);
    expect(seen).toEqual(["NoAuthError"]);
  });

  it("refuses only those who need the wider watch when that is refused", async () => {
    const node = hub.watch("/a");
    const nodeSeen = collect(node);
    await link.answer();
    const treeSeen = collect(hub.watch("/a", { mode: "recursive" }));
    await link.answer(new NoAuthError(-102));
    tell("dataChanged", "/a");
    await settle();
    expect([nodeSeen, treeSeen]).toEqual([["dataChanged /a"], ["NoAuthError"]]);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses the buffer size %s", (bufferSize) => {
    expect(() => hub.watch("/a", { bufferSize })).toThrow(/bufferSize/);
  });
});

describe("events", () => {
  const told: readonly (readonly [WatchEventType, string])[] = [
    ["created", "/a"],
    ["dataChanged", "/a"],
    ["childrenChanged", "/a"],
    ["created", "/a/b"],
    ["dataChanged", "/a/b"],
    ["childrenChanged", "/a/b"],
    ["deleted", "/a/b/c"],
    ["created", "/ab"],
    ["deleted", "/a"],
  ];

  it.each([
    ["node", ["created /a", "dataChanged /a", "deleted /a"]],
    ["children", ["created /a", "childrenChanged /a", "deleted /a"]],
    ["recursive", ["created /a", "dataChanged /a", "created /a/b", "dataChanged /a/b", "deleted /a/b/c", "deleted /a"]],
  ] as const)("in mode %s are those of that mode", async (mode, expected) => {
    const seen = collect(hub.watch("/a", { mode }));
    await link.answer();
    for (const [type, path] of told) tell(type, path);
    await settle();
    expect(seen).toEqual(expected);
  });

  it("of a recursive watch tell of changed lists of children, in order and once", async () => {
    const children = collect(hub.watch("/a", { mode: "children" }));
    await link.answer();
    hub.watch("/a", { mode: "recursive" });
    await link.answer();
    // The last is what servers from 3.9 on add, as they keep both watches.
    for (const [type, path] of [
      ["created", "/a"],
      ["created", "/a/b"],
      ["dataChanged", "/a/b"],
      ["created", "/a/b/c"],
      ["deleted", "/a/b"],
      ["childrenChanged", "/a"],
      ["deleted", "/a"],
    ] as const) {
      tell(type, path);
    }
    await settle();
    expect(children).toEqual(["created /a", "childrenChanged /a", "childrenChanged /a", "deleted /a"]);
  });

  it("are not lost while the watch widens, whichever the server's mode is by then", async () => {
    const children = collect(hub.watch("/a", { mode: "children" }));
    await link.answer();
    hub.watch("/a", { mode: "recursive" });
    tell("childrenChanged", "/a");
    tell("created", "/a/b");
    await settle();
    expect(children).toEqual(["childrenChanged /a", "childrenChanged /a"]);
  });

  it("of the root reach a recursive watch on it", async () => {
    const seen = collect(hub.watch("/", { mode: "recursive" }));
    await link.answer();
    tell("created", "/a");
    tell("dataChanged", "/");
    await settle();
    expect(seen).toEqual(["created /a", "dataChanged /"]);
  });

  it("are told in the paths of the application", async () => {
    const watch = hub.watch("/app/a", { toClient: (path) => path.slice("/app".length) });
    const seen = collect(watch);
    await link.answer();
    tell("created", "/app/a");
    await reconnect();
    expect(watch.path).toBe("/a");
    expect(seen).toEqual(["created /a", "resync /a"]);
  });
});

describe("gaps", () => {
  it("are told once after a reconnect", async () => {
    const seen = collect(hub.watch("/a"));
    await link.answer();
    tell("created", "/a");
    await reconnect();
    expect(link.takeLog()).toEqual(["addWatch /a persistent"]);
    tell("dataChanged", "/a");
    await settle();
    expect(seen).toEqual(["created /a", "resync /a", "dataChanged /a"]);
  });

  it("are told in a new session once the watch is armed there", async () => {
    const watch = hub.watch("/a", { mode: "recursive" });
    const seen = collect(watch);
    await link.answer();
    await link.end();
    hub.sessionEnded();
    expect(watch.current).toBe(false);
    link = new FakeLink();
    hub.sessionStarted(link);
    expect(link.log).toEqual(["addWatch /a recursive"]);
    tell("created", "/a/too-early");
    await reconnect();
    expect(seen).toEqual([]);
    expect(watch.current).toBe(false);
    await link.answer();
    expect(seen).toEqual(["resync /a"]);
    expect(watch.current).toBe(true);
    tell("created", "/a/b");
    await settle();
    expect(seen).toEqual(["resync /a", "created /a/b"]);
  });

  it("follow each other as one for a reader who has not read the first", async () => {
    const watch = hub.watch("/a");
    await link.answer();
    await reconnect();
    await reconnect();
    const seen = collect(watch);
    await settle();
    expect(seen).toEqual(["resync /a"]);
  });

  it("ignore the answer of a session that has ended", async () => {
    const old = link;
    const watch = hub.watch("/a");
    hub.sessionEnded();
    link = new FakeLink();
    hub.sessionStarted(link);
    await old.answer();
    expect(watch.current).toBe(false);
    await link.answer();
    expect(watch.current).toBe(true);
  });

  it("end when the reader comes back for more after the resync", async () => {
    const watch = hub.watch("/a");
    await link.answer();
    const events = watch[Symbol.asyncIterator]();
    await link.disconnect();
    expect(watch.current).toBe(false);
    link.connect();
    hub.reconnected();
    expect(watch.current).toBe(false);
    expect((await events.next()).value).toEqual({ type: "resync", path: "/a" });
    expect(watch.current).toBe(false);
    void events.next();
    expect(watch.current).toBe(true);
  });

  it("come of a reader too slow for its buffer", async () => {
    const watch = hub.watch("/a", { mode: "recursive", bufferSize: 3 });
    await link.answer();
    for (let i = 1; i <= 9; i++) tell("created", `/a/${i}`);
    expect(watch.current).toBe(false);
    const seen = collect(watch);
    await settle();
    expect(seen).toEqual(["resync /a", "created /a/8", "created /a/9"]);
    expect(watch.current).toBe(true);
  });
});

describe("the end", () => {
  it("of the last reader takes the watch from the server", async () => {
    const first = hub.watch("/a");
    const second = hub.watch("/a", { mode: "children" });
    await link.answer();
    link.takeLog();
    await first.close();
    expect(link.takeLog()).toEqual([]);
    await second.close();
    await second.close();
    expect(link.takeLog()).toEqual(["removeWatches /a any"]);
  });

  it("comes with a break out of the loop", async () => {
    const watch = hub.watch("/a");
    await link.answer();
    tell("created", "/a");
    for await (const event of watch) {
      expect(event.type).toBe("created");
      break;
    }
    expect(link.log.at(-1)).toBe("removeWatches /a any");
    const left: ZnodeEvent[] = [];
    for await (const event of watch) left.push(event);
    expect(left).toEqual([]);
  });

  it("comes with `await using`", async () => {
    {
      await using watch = hub.watch("/a");
      void watch;
    }
    expect(link.log).toEqual(["addWatch /a persistent", "removeWatches /a any"]);
  });

  it("comes with the signal: the loop finishes", async () => {
    const controller = new AbortController();
    const watch = hub.watch("/a", { signal: controller.signal });
    const seen = collect(watch);
    controller.abort();
    await settle();
    expect(seen).toEqual(["end"]);
    expect(link.log).toEqual(["addWatch /a persistent", "removeWatches /a any"]);
    await expect(watch.ready).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("is there from the start with a signal that has aborted", async () => {
    const watch = hub.watch("/a", { signal: AbortSignal.abort() });
    const seen = collect(watch);
    await settle();
    expect(seen).toEqual(["end"]);
    expect(link.log).toEqual([]);
  });

  it("comes with the client's end, and for good", async () => {
    const watch = hub.watch("/a");
    const seen = collect(watch);
    hub.close(new ClosedError("closed"));
    await settle();
    expect(seen).toEqual(["end"]);
    await expect(watch.ready).rejects.toThrow("closed");
    const late = collect(hub.watch("/a"));
    await settle();
    expect(late).toEqual(["end"]);
    expect(link.log).toEqual(["addWatch /a persistent"]);
  });

  it("while the connection is away is told to the server later, unless the watch is wanted again", async () => {
    const gone = hub.watch("/gone");
    const again = hub.watch("/again");
    await link.answer();
    await link.answer();
    await link.disconnect();
    link.takeLog();
    await gone.close();
    await again.close();
    hub.watch("/again");
    link.connect();
    hub.reconnected();
    expect(link.takeLog()).toEqual(["removeWatches /gone any", "addWatch /again persistent"]);
  });

  it("is told to the server again when the connection broke on the way", async () => {
    const watch = hub.watch("/a");
    await link.answer();
    await watch.close();
    link.takeLog();
    await reconnect();
    expect(link.takeLog()).toEqual(["removeWatches /a any"]);
    await link.answer();
    await reconnect();
    expect(link.takeLog()).toEqual([]);
  });

  it("arms anew for who comes after it", async () => {
    await hub.watch("/a").close();
    const watch = hub.watch("/a");
    expect(link.takeLog()).toEqual(["addWatch /a persistent", "removeWatches /a any", "addWatch /a persistent"]);
    await link.answer();
    expect(watch.current).toBe(false);
    await link.answer();
    await link.answer();
    expect(watch.current).toBe(true);
  });
});

describe("watchAt", () => {
  it("one watch at the server serves many below, each told of its own alone", async () => {
    const seen = ["/s/a", "/s/ab", "/s/c/d"].map((path) =>
      collect(hub.watch(path, { mode: "recursive", watchAt: "/s" })),
    );
    await link.answer();
    expect(link.log).toEqual(["addWatch /s recursive"]);
    for (const path of ["/s", "/s/a", "/s/a/1", "/s/ab", "/s/c", "/s/c/d/e/f"]) tell("created", path);
    await settle();
    expect(seen).toEqual([["created /s/a", "created /s/a/1"], ["created /s/ab"], ["created /s/c/d/e/f"]]);
  });

  it("every reader is told of a gap by its own path; the watch goes with the last", async () => {
    const watches = ["/s/a", "/s/b"].map((path) => hub.watch(path, { mode: "recursive", watchAt: "/s" }));
    const seen = watches.map(collect);
    await link.answer();
    await reconnect();
    expect(seen).toEqual([["resync /s/a"], ["resync /s/b"]]);
    link.log.length = 0;
    await watches[0]?.close();
    expect(link.log).toEqual([]);
    await watches[1]?.close();
    expect(link.log).toEqual([expect.stringContaining("removeWatches /s ")]);
  });

  it("is the path or above it, in mode recursive", () => {
    for (const watchAt of ["/s/a/b", "/t", "/s/ab"]) {
      expect(() => hub.watch("/s/a", { mode: "recursive", watchAt })).toThrow(InvalidArgumentError);
    }
    expect(() => hub.watch("/s/a", { watchAt: "/s" })).toThrow(InvalidArgumentError);
    hub.watch("/s/a", { mode: "recursive", watchAt: "/" });
    hub.watch("/s/a", { watchAt: "/s/a" });
  });
});
