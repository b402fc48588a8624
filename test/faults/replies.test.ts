import { type Client, connect, openAcl, type Stat } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { ReplyMatch } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bytes } from "../support/bytes.ts";
import { eventually } from "../support/eventually.ts";
import { type Servers, startServers } from "../support/servers.ts";
import { ending, eventsOf, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";

let ensemble: Servers;
let routes: Routes;
let client: Client;
let observer: Client;

beforeAll(async () => {
  ensemble = await startServers();
  routes = await Routes.open(ensemble);
  observer = await connect(ensemble.connectString);
});

beforeEach(async () => {
  client = await connect(routes.connectString);
});

afterEach(async () => {
  await client.close();
});

afterAll(async () => {
  await observer?.close();
  await routes?.close();
  await ensemble?.close();
});

/** What a lost answer leaves a caller with who cannot know. */
const unknown = { error: { code: "CONNECTION_LOSS", outcome: "unknown" } };
const creates = ["create", "create2"] as const;

/** Runs it while the answers to the matching requests are lost, in this order: the servers apply each. */
async function losing<T>(matches: readonly ReplyMatch[], run: () => Promise<T>): Promise<T> {
  const lost: ReplyMatch[] = [];
  let callOff = (): void => {};
  let isOver = false;
  void (async () => {
    for (const match of matches) {
      const drop = routes.dropReply(match);
      callOff = drop.cancel;
      await drop.dropped;
      if (isOver) return;
      lost.push(match);
    }
  })();
  const result = await run();
  isOver = true;
  callOff();
  expect(lost, "these requests were made").toEqual(matches);
  return result;
}

/** Names below `path` as another member knows them. */
async function children(path: string): Promise<readonly string[]> {
  await observer.sync(path);
  return await observer.children(path);
}

async function newestStat(path: string): Promise<Stat | undefined> {
  await observer.sync(path);
  return await observer.exists(path);
}

async function versionOf(path: string): Promise<number | undefined> {
  return (await newestStat(path))?.version;
}

describe("the servers apply it, the answer is lost", () => {
  test("plain create: the caller is told that it is unknown; there is one znode", async () => {
    await client.create("/plain");
    const created = await losing([{ op: creates, path: "/plain/one" }], () => ending(client.create("/plain/one", "1")));
    expect(created).toMatchObject(unknown);
    expect(created).toMatchObject({ error: { op: "create", path: "/plain/one" } });
    expect(await children("/plain")).toEqual(["one"]);
    const sequential = await losing([{ op: creates, path: "/plain/s-" }], () =>
      ending(client.create("/plain/s-", "1", { mode: "persistent-sequential" })),
    );
    expect(sequential).toMatchObject(unknown);
    expect(await children("/plain")).toHaveLength(2);
  });

  test.each([
    { mode: "ephemeral-sequential", by: "client", also: [] },
    { mode: "persistent-sequential", by: "client", also: [] },
    { mode: "ephemeral-sequential", by: "session", also: ["sync"] },
    { mode: "ephemeral-sequential", by: "session", also: ["getChildren", "exists"] },
  ] as const)(
    "protected create, $mode, by the $by, with lost answers to $also too: one znode, and it is told",
    async ({ mode, by, also }) => {
      const directory = `/protected-${mode}-${by}-${also.join("-")}`;
      await client.create(directory);
      const matches = [{ op: creates, path: new RegExp(`^${directory}/`) }, ...also.map((op) => ({ op }))];
      const operations = by === "client" ? client : client.session;
      const { path, stat } = await losing(matches, () =>
        operations.create(`${directory}/n-`, "1", { mode, protected: true }),
      );
      const [name, ...others] = await children(directory);
      expect(others).toEqual([]);
      expect(path).toBe(`${directory}/${name}`);
      expect(await observer.exists(path)).toEqual(stat);
      expect(stat.ephemeralOwner).toBe(mode === "ephemeral-sequential" ? client.session.id : 0n);
    },
  );

  test("protected create with parents that are not there yet: one znode", async () => {
    const { path } = await losing(
      [
        { op: creates, path: "/made" },
        { op: creates, path: /^\/made\/here\/_c_/ },
      ],
      () =>
        client.session.create("/made/here/n-", "1", { mode: "ephemeral-sequential", protected: true, parents: true }),
    );
    expect(await children("/made/here")).toEqual([path.slice("/made/here/".length)]);
  });

  const versioned: readonly (readonly [
    op: "setData" | "delete" | "setAcl",
    call: (path: string) => Promise<unknown>,
  ])[] = [
    ["setData", (path) => client.set(path, "1", { version: 0 })],
    ["delete", (path) => client.delete(path, { version: 0 })],
    ["setAcl", (path) => client.setAcl(path, openAcl, { version: 0 })],
  ];

  test.each(versioned)("%s with a version: applied once, unknown", async (op, call) => {
    const path = `/versioned-${op}`;
    await client.create(path, "0");
    expect(await losing([{ op }], () => ending(call(path)))).toMatchObject(unknown);
    const stat = await newestStat(path);
    expect(stat && [stat.version, stat.aversion]).toEqual({ setData: [1, 0], setAcl: [0, 1], delete: undefined }[op]);
  });

  test.each(versioned)("%s with a version, the znode made anew meanwhile: that one is left alone", async (op, call) => {
    const path = `/anew-${op}`;
    await client.create(path, "0");
    const replaced = routes.dropReply({ op }).dropped.then(async () => {
      routes.mode = "refuse";
      await observer.sync(path);
      if (op !== "delete") await observer.delete(path);
      await observer.create(path, "another");
      routes.mode = "pass";
    });
    const [written] = await Promise.all([ending(call(path)), replaced]);
    expect(written).toMatchObject(unknown);
    await client.sync(path);
    expect(await client.get(path)).toMatchObject({ data: bytes("another"), stat: { version: 0, aversion: 0 } });
  });

  test.each(versioned)("%s with a version that never came to a server: made again, once", async (op, call) => {
    const path = `/never-came-${op}`;
    await client.create(path, "0");
    routes.mode = "blackhole";
    const written = ending(call(path));
    routes.cut();
    routes.mode = "pass";
    expect(await written).toHaveProperty("value");
    const stat = await newestStat(path);
    expect(stat && [stat.version, stat.aversion]).toEqual({ setData: [1, 0], setAcl: [0, 1], delete: undefined }[op]);
  });

  test("set, delete and transaction: unknown, applied once", async () => {
    await client.create("/once", "0");
    await client.create("/once/deleted");
    const set = await losing([{ op: "setData", path: "/once" }], () => ending(client.set("/once", "1")));
    expect(set).toMatchObject(unknown);
    expect(await versionOf("/once")).toBe(1);
    const deleted = await losing([{ op: "delete" }], () => ending(client.delete("/once/deleted")));
    expect(deleted).toMatchObject(unknown);
    expect(await versionOf("/once/deleted")).toBeUndefined();
    const committed = await losing([{ op: "multi", path: "/once" }], () =>
      ending(client.transaction().set("/once", "2").create("/once/s-", "", { mode: "persistent-sequential" }).commit()),
    );
    expect(committed).toMatchObject(unknown);
    expect(await versionOf("/once")).toBe(2);
    expect(await children("/once")).toHaveLength(1);
  });

  test("reads are asked again", async () => {
    await client.create("/read", "data");
    await client.create("/read/child");
    const states = statesOf(client);
    const { data } = await losing([{ op: "getData" }, { op: "getData" }], () => client.get("/read"));
    expect(Buffer.from(data ?? []).toString()).toBe("data");
    expect(await losing([{ op: ["getChildren", "getChildren2"] }], () => client.children("/read"))).toEqual(["child"]);
    expect(await losing([{ op: "exists" }], () => client.exists("/read/missing"))).toBeUndefined();
    await losing([{ op: "sync" }], () => client.sync("/read"));
    expect(new Set(states)).toEqual(new Set(["connected", "suspended"]));
    const alone = await connect(routes.connectString, { retry: false });
    expect(await losing([{ op: "getData" }], () => ending(alone.get("/read")))).toMatchObject({
      error: { code: "CONNECTION_LOSS" },
    });
    await alone.close();
  });

  test.each(["node", "recursive"] as const)(
    "arming a watch, mode %s: armed, and each change is told once",
    async (mode) => {
      const path = `/armed-${mode}`;
      await client.create(path, "0");
      const watch = client.watch(path, { mode });
      const events = eventsOf(watch);
      await losing([{ op: "addWatch" }], () => watch.ready);
      await eventually(() => watch.current);
      const before = events.length;
      for (let count = 1; count <= 5; count++) await observer.set(path, String(count));
      await eventually(() => events.length - before >= 5);
      await client.sync(path);
      await client.exists(path);
      expect(events.slice(before)).toEqual(Array(5).fill(`dataChanged ${path}`));
    },
  );
});

describe("a mutex, the answer lost", () => {
  const contender = /\/_c_[^/]*-lock-$/;

  test.each([
    ["to its create", [{ op: creates, path: contender }]],
    ["to its listing", [{ op: "getChildren" }]],
    [
      "to its create and twice to the search for it",
      [{ op: creates, path: contender }, { op: "sync" }, { op: "getChildren" }],
    ],
    ["to making the directory", [{ op: "createContainer" }]],
    ["to making the directory and to its create", [{ op: "createContainer" }, { op: creates, path: contender }]],
  ] as readonly (readonly [string, readonly ReplyMatch[]])[])(
    "%s: held, one contender, none after the release",
    async (name, matches) => {
      const path = `/lock ${name}`;
      if (matches[0]?.op !== "createContainer") await observer.create(path, null, { mode: "container" });
      const lease = await losing(matches, () => new Mutex(client, path).acquire());
      const [child, ...others] = await children(path);
      expect(others).toEqual([]);
      const stat = await observer.exists(`${path}/${child}`);
      expect(stat?.ephemeralOwner).toBe(client.session.id);
      expect(stat?.czxid).toBe(lease.fencingToken);
      lease.assertHeld();
      await lease.transaction().set(path, "fenced").commit();
      await lease.release();
      expect(await children(path)).toEqual([]);
    },
  );

  test("to its create while another holds it: tryAcquire gives nothing and leaves nothing", async () => {
    await using held = await new Mutex(observer, "/try").acquire();
    const tried = await losing([{ op: creates, path: contender }], () => new Mutex(client, "/try").tryAcquire());
    expect(tried).toBeUndefined();
    expect(await children("/try")).toHaveLength(1);
    held.assertHeld();
  });

  test("to its create when the caller gives up: no contender stays", async () => {
    await using held = await new Mutex(observer, "/given-up").acquire();
    const controller = new AbortController();
    const dropped = routes.dropReply({ op: creates, path: contender }).dropped.then(() => controller.abort());
    await expect(new Mutex(client, "/given-up").acquire({ signal: controller.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    await dropped;
    await eventually(async () => (await children("/given-up")).length === 1);
    held.assertHeld();
    // Nor does one come later: everything this session asked for before has been answered.
    await client.sync("/given-up");
    expect(await children("/given-up")).toHaveLength(1);
  });

  test("to the delete of its release: released, and free for the next", async () => {
    const lease = await new Mutex(client, "/released").acquire();
    await losing([{ op: "delete" }], () => lease.release());
    expect(await children("/released")).toEqual([]);
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ reason: "released" }));
    await using next = await new Mutex(observer, "/released").acquire({ timeoutMs: 10_000 });
    expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
  });

  test("to a fenced write: unknown, applied once, the lock still held", async () => {
    await client.create("/guarded", "0");
    await using lease = await new Mutex(client, "/guarding").acquire();
    const written = await losing([{ op: "multi" }], () => ending(lease.transaction().set("/guarded", "1").commit()));
    expect(written).toMatchObject(unknown);
    expect(await versionOf("/guarded")).toBe(1);
    await client.whenConnected();
    await lease.transaction().set("/guarded", "2", { version: 1 }).commit();
    expect(await versionOf("/guarded")).toBe(2);
    lease.assertHeld();
    expect(lease.signal.aborted).toBe(false);
  });
});

describe("the answer lost, and the session with it before the servers end it", () => {
  let dying: Client;

  beforeEach(async () => {
    // Given up here after a quarter of the time the servers give it.
    const options = { sessionTimeoutMs: 4_000, sessionMarginMs: 3_000, operationTimeoutMs: 10_000 };
    dying = await connect(routes.connectString, options);
  });

  afterEach(async () => {
    await dying.close();
  });

  /** Loses the answer, and lets no server be reached until the session is given up. */
  async function losingTheSession<T>(run: () => Promise<T>): Promise<T> {
    const { session } = dying;
    const dropped = routes.dropReply({ op: creates, path: /\/_c_/ }).dropped.then(() => {
      routes.mode = "refuse";
    });
    const running = run();
    running.catch(() => {});
    await dropped;
    await eventually(() => session.signal.aborted);
    routes.mode = "pass";
    return await running;
  }

  test("protected create: the dying session's znode is replaced", async () => {
    await observer.create("/dying");
    const old = dying.session.id;
    const { path, stat } = await losingTheSession(() =>
      dying.create("/dying/n-", "1", { mode: "ephemeral-sequential", protected: true }),
    );
    expect(dying.session.id).not.toBe(old);
    expect(stat.ephemeralOwner).toBe(dying.session.id);
    expect(await children("/dying")).toEqual([path.slice("/dying/".length)]);
    expect(path).toMatch(/0000000001$/);
  });

  test("protected create through the session itself: refused, and the znode goes with the session", async () => {
    await observer.create("/pinned");
    const { session } = dying;
    const created = await losingTheSession(() =>
      ending(session.create("/pinned/n-", "1", { mode: "ephemeral-sequential", protected: true })),
    );
    expect(created).toMatchObject({ error: { code: "SESSION_EXPIRED" } });
    expect(await children("/pinned")).toHaveLength(1);
    await eventually(async () => (await children("/pinned")).length === 0);
  });

  test("mutex: the dying contender is nobody's lock; held in the new session once the old one is gone", async () => {
    await observer.create("/dying-lock", null, { mode: "container" });
    const old = dying.session.id;
    const lease = await losingTheSession(() => new Mutex(dying, "/dying-lock").acquire());
    const [name, ...others] = await children("/dying-lock");
    expect(others).toEqual([]);
    const stat = await observer.exists(`/dying-lock/${name}`);
    expect(dying.session.id).not.toBe(old);
    expect(stat?.ephemeralOwner).toBe(dying.session.id);
    expect(stat?.czxid).toBe(lease.fencingToken);
    await lease.release();
    expect(await children("/dying-lock")).toEqual([]);
  });
});
