import { randomUUID } from "node:crypto";
import {
  BadVersionError,
  type Client,
  type ConnectOptions,
  connect,
  creatorAcl,
  NoAuthError,
  NodeExistsError,
  NoNodeError,
  NotEmptyError,
  ServerError,
  SessionExpiredError,
} from "@quorate/core";
import { FaultProxy } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bytes, text } from "../support/bytes.ts";
import { statesOf, treeOf } from "../support/cached-tree.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { follow } from "../support/watching.ts";
import { addressOf } from "../support/wire.ts";
import { sessionBounds } from "./support/settings.ts";
import { type RunningTarget, targets } from "./targets.ts";

describe.each(targets)("a client of $name", (target) => {
  let running: RunningTarget;
  let server: string;
  let root: string;
  let client: Client;
  let other: Client;
  const opened: AsyncDisposable[] = [];

  async function open(options: ConnectOptions = {}, at: string = server): Promise<Client> {
    const opening = await connect(`${at}${root}`, { driver: target.driver(), retry: false, ...options });
    opened.push(opening);
    return opening;
  }

  /** A client behind a proxy that can take its server away. */
  async function openBehindProxy(options: ConnectOptions = {}): Promise<{ client: Client; proxy: FaultProxy }> {
    const proxy = await FaultProxy.listen({ target: addressOf(server) });
    opened.unshift(proxy);
    return { client: await open(options, proxy.connectString), proxy };
  }

  beforeAll(async () => {
    running = await target.start();
    server = running.servers[0] as string;
  });

  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    root = `/conformance-${randomUUID()}`;
    await using setup = await connect(server, { driver: target.driver() });
    await setup.create(root);
    client = await open();
    other = await open();
  });

  afterEach(async () => {
    for (const resource of opened.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
  });

  test("znodes come, change and go", async () => {
    const created = await client.create("/a/b", "one", { parents: true });
    expect(created).toMatchObject({ path: "/a/b", stat: { version: 0, dataLength: 3, ephemeralOwner: 0n } });
    const { data, stat } = await client.get("/a/b");
    expect(text(data)).toBe("one");
    expect(stat).toEqual(created.stat);
    const changed = await client.set("/a/b", bytes("three"), { version: 0 });
    expect(changed).toMatchObject({ czxid: stat.czxid, ctime: stat.ctime, version: 1, dataLength: 5 });
    expect(changed.mzxid).toBeGreaterThan(stat.mzxid);
    expect(changed.mtime).toBeGreaterThanOrEqual(stat.mtime);
    expect(await client.children("/a")).toEqual(["b"]);
    expect(await client.countDescendants("/")).toBe(2);
    await client.delete("/a", { recursive: true });
    expect(await client.exists("/a/b")).toBeUndefined();
    await client.sync("/");
  });

  test("data is bytes, empty or null, each for itself", async () => {
    for (const data of [null, new Uint8Array(0), new Uint8Array([0, 255, 128])]) {
      const { path } = await client.create("/data-", data, { mode: "persistent-sequential" });
      expect((await other.get(path)).data).toEqual(data);
    }
  });

  test("refusals are typed, and name the path as the client knows it", async () => {
    await client.create("/a/b", null, { parents: true });
    const refused: readonly (readonly [Promise<unknown>, typeof ServerError, string])[] = [
      [client.get("/missing"), NoNodeError, "/missing"],
      [client.create("/a"), NodeExistsError, "/a"],
      [client.set("/a", null, { version: 7 }), BadVersionError, "/a"],
      [client.delete("/a"), NotEmptyError, "/a"],
    ];
    for (const [call, type, path] of refused) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(type);
      expect(error.path).toBe(path);
    }
    expect(await failureOf(client.reconfig({ leaving: [3] }))).toMatchObject({ code: "RECONFIG_DISABLED" });
  });

  test("a transaction is all or nothing, and tells what failed", async () => {
    const results = await client
      .transaction()
      .create("/a", "1")
      .create("/a/s-", null, { mode: "ephemeral-sequential" })
      .check("/a", 0)
      .set("/a", "2")
      .commit();
    expect(results).toHaveLength(4);
    const error = await failureOf(client.transaction().set("/a", "3").create("/a").delete("/a").commit());
    expect(error).toMatchObject({ code: "NODE_EXISTS", index: 1, path: "/a" });
    expect(text((await client.get("/a")).data)).toBe("2");
  });

  test("a session's znodes go with it, and who watches hears of it", async () => {
    const { path } = await client.create("/e-", null, { mode: "ephemeral-sequential" });
    expect((await other.exists(path))?.ephemeralOwner).toBe(client.session.id);
    expect(await client.ephemerals()).toEqual([path]);
    const watch = other.watch(path);
    const seen = follow(watch);
    await watch.ready;
    await client.close();
    await eventually(() => seen.includes(`deleted ${path}`));
    expect(await other.exists(path)).toBeUndefined();
  });

  test("watches of every mode see their own, in order", async () => {
    const modes = ["node", "children", "recursive"] as const;
    const watches = modes.map((mode) => client.watch("/w", { mode }));
    const [node = [], children = [], tree = []] = watches.map(follow);
    await Promise.all(watches.map(({ ready }) => ready));
    for (const change of [
      () => other.create("/w"),
      () => other.create("/w/child"),
      () => other.set("/w", "1"),
      () => other.set("/w/child", "1"),
      () => other.delete("/w/child"),
      () => other.delete("/w"),
    ]) {
      const before = tree.length;
      await change();
      await eventually(() => tree.length > before);
    }
    await eventually(() => node.length === 3 && children.length === 4);
    expect(node).toEqual(["created /w", "dataChanged /w", "deleted /w"]);
    expect(children).toEqual(["created /w", "childrenChanged /w", "childrenChanged /w", "deleted /w"]);
    const branch = ["created /w", "created /w/child", "dataChanged /w", "dataChanged /w/child"];
    expect(tree).toEqual([...branch, "deleted /w/child", "deleted /w"]);
  });

  test("a cache follows the tree", async () => {
    await other.create("/c/old", "1", { parents: true });
    await using cache = await client.cache("/c");
    expect(statesOf(cache.entries())).toEqual(await treeOf(other, "/c"));
    await other.transaction().set("/c/old", "2").create("/c/new").create("/c/new/deep", "x").delete("/c/old").commit();
    const tree = await treeOf(other, "/c");
    await eventually(() => expect(statesOf(cache.entries())).toEqual(tree));
  });

  test("identities open what is closed to others", async () => {
    const auth = { scheme: "digest", username: "jo", password: "secret" } as const;
    const jo = await open({ auth });
    await jo.create("/jo", "mine", { acl: creatorAcl });
    expect(await failureOf(client.get("/jo"))).toBeInstanceOf(NoAuthError);
    await client.addAuth(auth);
    expect(text((await client.get("/jo")).data)).toBe("mine");
    expect(await client.whoAmI()).toContainEqual({ authScheme: "digest", user: "jo" });
  });

  test("containers and znodes with a time to live", async () => {
    await client.create("/container", null, { mode: "container" });
    await client.create("/container/last");
    await client.create("/ttl", null, { ttlMs: 1 });
    await client.delete("/container/last");
    await eventually(async () => (await client.children("/")).length === 0);
  });

  test("the session is what the server grants", async () => {
    for (const [sessionTimeoutMs, granted] of [
      [100, sessionBounds.minMs],
      [3_000, 3_000],
      [60_000, sessionBounds.maxMs],
    ] as const) {
      expect((await open({ sessionTimeoutMs })).session.negotiatedTimeoutMs).toBe(granted);
    }
  });

  test("a session outlives its connection, with its znodes and watches", async () => {
    const { client: cut, proxy } = await openBehindProxy({ retry: {} });
    const { id } = cut.session;
    await cut.create("/e", null, { mode: "ephemeral" });
    const watch = cut.watch("/w");
    const seen = follow(watch);
    await watch.ready;
    proxy.cut();
    await eventually(() => seen.length > 0);
    expect(seen).toEqual(["resync /w"]);
    expect(cut.session.id).toBe(id);
    await other.create("/w");
    await eventually(() => seen.includes("created /w"));
    expect(await cut.ephemerals()).toEqual(["/e"]);
  });

  test("a session that is away for too long is gone, and its client goes on with another", async () => {
    const { client: lost, proxy } = await openBehindProxy({ sessionTimeoutMs: sessionBounds.minMs });
    const { session } = lost;
    await lost.create("/e", null, { mode: "ephemeral" });
    proxy.mode = "refuse";
    proxy.cut();
    await eventually(async () => (await other.exists("/e")) === undefined);
    proxy.mode = "pass";
    const next = await lost.whenConnected();
    expect(next.id).not.toBe(session.id);
    expect(session.signal.reason).toBeInstanceOf(SessionExpiredError);
    expect(await failureOf(session.get("/"))).toBeInstanceOf(SessionExpiredError);
    await lost.create("/e");
  });
});
