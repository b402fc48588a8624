import { AddWatchMode, ErrorCode, OpCode, type Operation, WatcherType } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/logger.ts";
import { WatchBook } from "../../src/wire/watch-book.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { type Opened, openConnected, rejection, until } from "./support/open-session.ts";
import { frameBytes, header, noStat, ScriptedServer, type ServerConnection } from "./support/scripted-server.ts";

const created = 1;
const deleted = 2;
const dataChanged = 3;

const nothing = {
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
};

describe("watches", () => {
  let network: MemoryNetwork;
  let server: ScriptedServer;

  beforeEach(() => {
    network = new MemoryNetwork();
    server = new ScriptedServer(network);
  });

  async function reconnect({ events }: Opened): Promise<ServerConnection> {
    const before = server.connections.length;
    server.connection.peer.close();
    await until(() => server.connections.length > before && events.all("connected").length > before);
    await until(() => server.connection.rearmed.length > 0 || server.connection.log.length === 0);
    return server.connection;
  }

  async function ask({ session }: Opened, ...operations: Operation[]): Promise<void> {
    await Promise.all(operations.map((operation) => session.request(operation).catch(() => {})));
  }

  it("are told in the order of the stream, between the replies", async () => {
    const { session, events } = await openConnected(network);
    const order: string[] = [];
    events.watch = ({ type, path }) => void order.push(`${type} ${path}`);
    server.onRequest = ({ xid }, connection) => {
      const reply = frameBytes((writer) => {
        header(writer, xid, 1n, 0);
        writer.string("/");
      });
      const notify = (path: string): Buffer =>
        frameBytes((writer) => {
          header(writer, -1, 77n, 0);
          writer.int(dataChanged);
          writer.int(3);
          writer.string(path);
        });
      connection.peer.send(Buffer.concat([notify("/before"), reply, notify("/behind")]));
      return true;
    };
    const reply = session.request({ op: "sync", path: "/" });
    void reply.then(() => order.push("reply"));
    await until(() => order.length === 3);
    expect(order).toEqual(["dataChanged /before", "reply", "dataChanged /behind"]);
    server.onRequest = () => false;
    await session.close();
  });

  it("carry the zxid of servers that tell it", async () => {
    const { session, events } = await openConnected(network);
    server.connection.notify(created, "/old");
    server.connection.notify(deleted, "/new", 12n);
    await until(() => events.all("watch").length === 2);
    expect(events.all("watch")).toEqual([
      { type: "created", path: "/old", zxid: -1n },
      { type: "deleted", path: "/new", zxid: 12n },
    ]);
    await session.close();
  });

  it("of unknown types are logged and passed over", async () => {
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (...parts: unknown[]) => void warnings.push(parts) };
    const { session, events } = await openConnected(network, { logger });
    server.connection.notify(99, "/a");
    server.connection.notify(created, "/b");
    await until(() => events.all("watch").length === 1);
    expect(events.all("watch")).toMatchObject([{ path: "/b" }]);
    expect(warnings).toHaveLength(1);
    await session.close();
  });

  it("survive a listener that throws", async () => {
    const errors: unknown[] = [];
    const logger = { ...silentLogger, error: (...parts: unknown[]) => void errors.push(parts) };
    const { session, events } = await openConnected(network, { logger });
    let calls = 0;
    events.watch = () => {
      calls++;
      throw new Error("a listener's mistake");
    };
    server.connection.notify(created, "/a");
    server.connection.notify(created, "/b");
    await session.request({ op: "sync", path: "/" });
    await until(() => calls === 2);
    expect(errors).toHaveLength(2);
    await session.close();
  });

  it("are re-armed at the next server before anything else, from the last zxid on", async () => {
    const opened = await openConnected(network);
    server.onRequest = ({ xid, operation }, connection) => {
      if (operation?.op !== "exists" || operation.path !== "/missing") return false;
      connection.fail(xid, ErrorCode.NO_NODE, 40n);
      return true;
    };
    await ask(
      opened,
      { op: "getData", path: "/data", watch: true },
      { op: "getData", path: "/unwatched", watch: false },
      { op: "exists", path: "/there", watch: true },
      { op: "exists", path: "/missing", watch: true },
      { op: "getChildren", path: "/children", watch: true },
      { op: "getChildren2", path: "/children2", watch: true },
    );
    server.connection.zxid = 50n;
    await ask(opened, { op: "sync", path: "/" });
    let isTold = false;
    opened.events.connected = () => {
      isTold = true;
      void opened.session.request({ op: "sync", path: "/" });
    };
    server.connection.peer.close();
    await until(() => isTold && server.connection.log.length === 2);
    expect(server.connection.log).toEqual(["setWatches", "sync"]);
    expect(server.connection.rearmed[0]).toMatchObject({
      type: OpCode.setWatches,
      relativeZxid: 51n,
      dataWatches: ["/data", "/there"],
      existWatches: ["/missing"],
      childWatches: ["/children", "/children2"],
    });
    await opened.session.close();
  });

  it("that persist are re-armed by setWatches2", async () => {
    const opened = await openConnected(network);
    await ask(
      opened,
      { op: "addWatch", path: "/p", mode: AddWatchMode.persistent },
      { op: "addWatch", path: "/r", mode: AddWatchMode.persistentRecursive },
      { op: "getData", path: "/p", watch: true },
    );
    server.connection.notify(dataChanged, "/p");
    server.connection.notify(created, "/r/child");
    await until(() => opened.events.all("watch").length === 2);
    const { rearmed } = await reconnect(opened);
    expect(rearmed).toMatchObject([
      { type: OpCode.setWatches2, ...nothing, persistentWatches: ["/p"], persistentRecursiveWatches: ["/r"] },
    ]);
    await opened.session.close();
  });

  it("asked for in vain are not re-armed", async () => {
    const opened = await openConnected(network);
    server.onRequest = ({ xid, operation }, connection) => {
      if (operation?.op === "sync") return false;
      connection.fail(xid, ErrorCode.NO_AUTH);
      return true;
    };
    await ask(
      opened,
      { op: "getData", path: "/a", watch: true },
      { op: "exists", path: "/b", watch: true },
      { op: "getChildren2", path: "/c", watch: true },
      { op: "addWatch", path: "/d", mode: AddWatchMode.persistent },
    );
    server.onRequest = () => false;
    expect((await reconnect(opened)).log).toEqual([]);
    await opened.session.close();
  });

  it("of 10,000 znodes are split into frames the servers accept", async () => {
    const opened = await openConnected(network);
    const paths = Array.from({ length: 10_000 }, (_, index) => `/watched/ä-${index}-${"x".repeat(50)}`);
    await Promise.all(paths.map((path) => opened.session.request({ op: "getData", path, watch: true })));
    const { rearmed } = await reconnect(opened);
    await until(() => rearmed.length > 5);
    expect(rearmed.flatMap(({ dataWatches }) => dataWatches)).toEqual(paths);
    for (const { bytes } of rearmed) expect(bytes).toBeLessThanOrEqual(128 * 1024);
    for (const { bytes } of rearmed.slice(0, -1)) expect(bytes).toBeGreaterThan(127 * 1024);
    await opened.session.close();
  });

  it("that a server refuses to re-arm make the driver turn to another one", async () => {
    const opened = await openConnected(network);
    await ask(opened, { op: "getData", path: "/a", watch: true });
    let refusals = 1;
    server.onRequest = ({ xid, type }, connection) => {
      if (type !== OpCode.setWatches || refusals-- <= 0) return false;
      connection.fail(xid, ErrorCode.MARSHALLING_ERROR);
      return true;
    };
    server.connection.peer.close();
    await until(() => opened.events.all("connected").length === 3);
    expect(opened.events.all("disconnected")[1]?.cause).toMatchObject({ op: "setWatches", code: "MARSHALLING_ERROR" });
    await until(() => server.connection.rearmed.length === 1);
    await opened.session.close();
  });

  it("left by reads of a multiRead are booked too", async () => {
    const opened = await openConnected(network);
    server.onRequest = ({ xid, operation }, connection) => {
      if (operation?.op !== "multiRead") return false;
      connection.reply(xid, "multiRead", {
        results: [
          { op: "getData", data: null, stat: noStat },
          { op: "error", err: ErrorCode.NO_NODE },
          { op: "getChildren", children: [] },
        ],
      });
      return true;
    };
    await ask(opened, {
      op: "multiRead",
      operations: [
        { op: "getData", path: "/a", watch: true },
        { op: "getData", path: "/b", watch: true },
        { op: "getChildren", path: "/c", watch: true },
      ],
    });
    expect((await reconnect(opened)).rearmed).toMatchObject([
      { ...nothing, dataWatches: ["/a"], childWatches: ["/c"] },
    ]);
    await opened.session.close();
  });

  it("lost with the reply are not booked", async () => {
    const opened = await openConnected(network);
    server.onRequest = (_received, connection) => {
      connection.peer.close();
      return true;
    };
    await rejection(opened.session.request({ op: "getData", path: "/a", watch: true }));
    server.onRequest = () => false;
    await until(() => opened.events.all("connected").length === 2);
    await opened.session.request({ op: "sync", path: "/" });
    expect(server.connection.log).toEqual(["sync"]);
    await opened.session.close();
  });
});

describe("WatchBook", () => {
  function booked(): WatchBook {
    const book = new WatchBook();
    book.answered({ op: "getData", path: "/a", watch: true }, 0, undefined);
    book.answered({ op: "exists", path: "/a", watch: true }, ErrorCode.NO_NODE, undefined);
    book.answered({ op: "getChildren", path: "/a", watch: true }, 0, undefined);
    book.answered({ op: "addWatch", path: "/a", mode: AddWatchMode.persistent }, 0, undefined);
    book.answered({ op: "addWatch", path: "/a", mode: AddWatchMode.persistentRecursive }, 0, undefined);
    expect(book.size).toBe(5);
    return book;
  }

  it.each([
    ["created", 3],
    ["dataChanged", 3],
    ["childrenChanged", 4],
    ["deleted", 2],
  ] as const)("forgets the one-shot watches that %s uses up", (type, left) => {
    const book = booked();
    book.fired(type, "/a/b");
    expect(book.size).toBe(5);
    book.fired(type, "/a");
    expect(book.size).toBe(left);
  });

  it.each([
    ["children", WatcherType.children, 0, 4],
    ["data", WatcherType.data, 0, 3],
    ["all", WatcherType.any, 0, 0],
    ["all that a server does not know of", WatcherType.any, ErrorCode.NO_WATCHER, 0],
    ["none when the server fails", WatcherType.any, ErrorCode.SYSTEM_ERROR, 5],
    ["none of a type this version does not know", 17, 0, 5],
  ])("forgets %s on removeWatches", (_, type, errorCode, left) => {
    const book = booked();
    book.answered({ op: "removeWatches", path: "/a", type }, errorCode, undefined);
    expect(book.size).toBe(left);
  });

  it("keeps each frame under the limit given, and a path longer than that in a frame of its own", () => {
    const book = new WatchBook();
    const paths = ["/1234567", "/1234568", `/${"x".repeat(100)}`, "/1234569"];
    for (const path of paths) book.answered({ op: "getData", path, watch: true }, 0, undefined);
    const sizes = book.frames(0n, 36 + 24).map((frame) => frameBytes((writer) => frame.write(writer)).length);
    // Each: prefix, zxid, three counts, and the paths with their lengths.
    const empty = 4 + 8 + 12;
    expect(sizes).toEqual([empty + 24, empty + 105, empty + 12]);
  });

  it("makes no frame out of nothing", () => {
    expect(new WatchBook().frames(0n, 1000)).toEqual([]);
  });
});
