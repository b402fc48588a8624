import { OpCode, SetWatches2Request } from "@quorate/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EmbeddedServer } from "../../src/index.ts";
import { open, RawSession } from "./support/raw-session.ts";

let server: EmbeddedServer;
const sessions: RawSession[] = [];

beforeAll(async () => {
  server = await EmbeddedServer.start();
});
afterAll(() => server.stop());
afterEach(() => {
  for (const session of sessions.splice(0)) session.socket.destroy();
});

async function begin(): Promise<RawSession> {
  const opened = await RawSession.start(server.port);
  sessions.push(opened);
  return opened;
}

/** All that a session has been told, until now. */
async function told(session: RawSession): Promise<string[]> {
  session.send(OpCode.ping, () => {}, -2);
  const events: string[] = [];
  for (let said = await session.said(); said.kind === "event" || said.xid !== -2; said = await session.said()) {
    if (said.kind === "event") events.push(`${said.event.type} ${said.event.path}`);
  }
  return events;
}

const persistent = 0;
const recursive = 1;

describe("watches", () => {
  it("tell of a change before any reply that shows it", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    await writer.request("create", { path: "/order", data: null, acl: open, flags: 0 });
    await watcher.request("getData", { path: "/order", watch: true });
    await writer.request("setData", { path: "/order", data: Buffer.from("x"), version: -1 });
    watcher.send(OpCode.getData, (w) => {
      w.string("/order");
      w.boolean(false);
    });
    expect([(await watcher.said()).kind, (await watcher.said()).kind]).toEqual(["event", "reply"]);
    // The writer's own watch, too, before the reply of its own write.
    await writer.request("exists", { path: "/order", watch: true });
    writer.send(OpCode.delete, (w) => {
      w.string("/order");
      w.int(-1);
    });
    expect([(await writer.said()).kind, (await writer.said()).kind]).toEqual(["event", "reply"]);
  });

  it("strike once, unless they stay", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    await watcher.request("exists", { path: "/once", watch: true });
    await watcher.request("addWatch", { path: "/stays", mode: persistent });
    for (const path of ["/once", "/stays"]) {
      await writer.request("create", { path, data: null, acl: open, flags: 0 });
      await writer.request("setData", { path, data: null, version: -1 });
      await writer.request("delete", { path, version: -1 });
    }
    expect(await told(watcher)).toEqual(["1 /once", "1 /stays", "3 /stays", "2 /stays"]);
  });

  it("tell of a whole subtree, but not of lists of children", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    await watcher.request("addWatch", { path: "/tree", mode: recursive });
    for (const path of ["/tree", "/tree/a", "/tree/a/b", "/treehouse"]) {
      await writer.request("create", { path, data: null, acl: open, flags: 0 });
    }
    await writer.request("delete", { path: "/tree/a/b", version: -1 });
    expect(await told(watcher)).toEqual(["1 /tree", "1 /tree/a", "1 /tree/a/b", "2 /tree/a/b"]);
  });

  it("have one mode for a path: a one-shot watch takes the place of one that stays (ZOOKEEPER-4466)", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    await writer.request("create", { path: "/mode", data: null, acl: open, flags: 0 });
    await watcher.request("addWatch", { path: "/mode", mode: persistent });
    await watcher.request("getData", { path: "/mode", watch: true });
    await writer.request("setData", { path: "/mode", data: null, version: -1 });
    await writer.request("setData", { path: "/mode", data: null, version: -1 });
    expect(await told(watcher)).toEqual(["3 /mode"]);
  });

  it("tell nothing to those who may not read the znode", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    const unreadable = [{ perms: 30, id: { scheme: "world", id: "anyone" } }];
    await watcher.request("addWatch", { path: "/", mode: recursive });
    await writer.request("create", { path: "/hidden", data: null, acl: unreadable, flags: 0 });
    await writer.request("create", { path: "/shown", data: null, acl: open, flags: 0 });
    expect(await told(watcher)).toEqual(["1 /shown"]);
  });

  it("are seen by nobody when a transaction fails", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    await watcher.request("addWatch", { path: "/multi", mode: recursive });
    const member = { op: "create", path: "/multi", data: null, acl: open, flags: 0 } as const;
    const failed = await writer.request("multi", {
      operations: [member, { op: "delete", path: "/multi/none", version: -1 }, { op: "check", path: "/", version: -1 }],
    });
    expect(failed).toEqual({
      results: [
        { op: "error", err: 0 },
        { op: "error", err: -101 },
        { op: "error", err: -2 },
      ],
    });
    expect(await told(watcher)).toEqual([]);
    await writer.request("multi", { operations: [member] });
    expect(await told(watcher)).toEqual(["1 /multi"]);
  });

  it("are set again by zxid: what changed meanwhile is told at once, the rest waits", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    for (const path of ["/changed", "/parent", "/gone", "/same"]) {
      await writer.request("create", { path, data: null, acl: open, flags: 0 });
    }
    const relativeZxid = server.stats.lastZxid;
    await writer.request("setData", { path: "/changed", data: null, version: -1 });
    await writer.request("create", { path: "/parent/child", data: null, acl: open, flags: 0 });
    await writer.request("delete", { path: "/gone", version: -1 });
    await writer.request("create", { path: "/come", data: null, acl: open, flags: 0 });
    watcher.send(
      OpCode.setWatches2,
      (w) =>
        SetWatches2Request.write(w, {
          relativeZxid,
          dataWatches: ["/same", "/changed", "/gone"],
          existWatches: ["/come", "/awaited"],
          childWatches: ["/parent", "/same"],
          persistentWatches: ["/same"],
          persistentRecursiveWatches: [],
        }),
      -8,
    );
    expect(await told(watcher)).toEqual(["3 /changed", "2 /gone", "1 /come", "4 /parent"]);
    await writer.request("create", { path: "/awaited", data: null, acl: open, flags: 0 });
    await writer.request("setData", { path: "/same", data: null, version: -1 });
    expect(await told(watcher)).toEqual(["1 /awaited", "3 /same"]);
  });

  it("of a list of children see the parent go, once", async () => {
    const [writer, watcher] = [await begin(), await begin()];
    await writer.request("create", { path: "/list", data: null, acl: open, flags: 0 });
    await watcher.request("getChildren", { path: "/list", watch: true });
    await writer.request("delete", { path: "/list", version: -1 });
    expect(await told(watcher)).toEqual(["2 /list"]);
    await writer.request("create", { path: "/list", data: null, acl: open, flags: 0 });
    await watcher.request("addWatch", { path: "/list", mode: persistent });
    await writer.request("delete", { path: "/list", version: -1 });
    expect(await told(watcher)).toEqual(["2 /list"]);
  });

  it("go with their connection", async () => {
    const watcher = await begin();
    await watcher.request("getChildren", { path: "/", watch: true });
    expect(server.leaks().watches).toContainEqual({ path: "/", sessionId: watcher.id });
    watcher.socket.destroy();
    await expect.poll(() => server.leaks().watches).not.toContainEqual({ path: "/", sessionId: watcher.id });
  });
});
