import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Bounds } from "../../src/bounds/bounded.ts";
import type { ZnodeOperations } from "../../src/operations/znode-operations.ts";
import { listenersOf } from "../support/listeners.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { stat } from "../support/stat.ts";
import { rejection, turns, watched } from "../support/turns.ts";

const znode = { data: null, stat: stat({ czxid: 1 }) };

let opened: Opened;

beforeEach(async () => {
  vi.useFakeTimers();
  opened = await openClient();
});

afterEach(async () => {
  await opened.client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Time for the retries' pauses. */
async function pause(): Promise<void> {
  await vi.advanceTimersByTimeAsync(100);
}

type Call = (operations: ZnodeOperations) => Promise<unknown>;

const reads: [name: string, call: Call][] = [
  ["get", (client) => client.get("/a")],
  ["exists", (client) => client.exists("/a")],
  ["children", (client) => client.children("/a")],
  ["getAcl", (client) => client.getAcl("/a")],
  ["sync", (client) => client.sync("/a")],
  ["ephemerals", (client) => client.ephemerals("/a")],
  ["countDescendants", (client) => client.countDescendants("/a")],
  ["whoAmI", (client) => client.whoAmI()],
];

const writes: [name: string, call: Call][] = [
  ["create", (client) => client.create("/a")],
  ["set", (client) => client.set("/a", "x")],
  ["delete", (client) => client.delete("/a")],
  ["setAcl", (client) => client.setAcl("/a", [{ perms: 1, id: { scheme: "world", id: "anyone" } }])],
  ["transaction", (client) => client.transaction().delete("/a", { version: 3 }).commit()],
];

const checkedWrites: [name: string, call: Call][] = [
  ["set", (client) => client.set("/a", "x", { version: 3 })],
  ["delete", (client) => client.delete("/a", { version: 3 })],
  ["setAcl", (client) => client.setAcl("/a", [{ perms: 1, id: { scheme: "world", id: "anyone" } }], { version: 3 })],
];

describe("a request", () => {
  it("is sent before the call returns while connected and without bounds", () => {
    const { client, driver } = opened;
    for (const [, call] of [...reads, ...writes]) call(client).catch(() => {});
    expect(driver.session.log).toHaveLength(reads.length + writes.length);
  });

  it("waits for a connection, and then is sent", async () => {
    const { client, driver } = opened;
    await driver.session.disconnect();
    const result = watched(client.get("/a"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([result.state, driver.session.log]).toEqual(["pending", []]);
    await driver.session.connect();
    await driver.session.answer(znode);
    expect(await result.promise).toBe(znode);
  });

  it("gives up waiting for a connection after operationTimeoutMs, as never applied", async () => {
    await opened.client.close();
    opened = await openClient({ operationTimeoutMs: 500 });
    const { client, driver } = opened;
    await driver.session.disconnect();
    const [read, write] = [rejection(client.get("/a")), rejection(client.set("/a", "x"))];
    await vi.advanceTimersByTimeAsync(500);
    expect(await read).toMatchObject({ code: "CONNECTION_LOSS", op: "get", path: "/a" });
    expect(await write).toMatchObject({ code: "CONNECTION_LOSS", outcome: "not-applied", op: "set", path: "/a" });
    for (const { message } of [await read, await write])
      expect(message).toContain("within 500 ms (operationTimeoutMs)");
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  });

  it.each<[name: string, call: (operations: ZnodeOperations, bounds: Bounds) => Promise<unknown>]>([
    ["get", (client, bounds) => client.get("/a", bounds)],
    ["set", (client, bounds) => client.set("/a", "x", bounds)],
    ["create", (client, bounds) => client.create("/a", "x", { ...bounds, parents: true })],
    ["delete", (client, bounds) => client.delete("/a", { ...bounds, recursive: true })],
    ["transaction", (client, bounds) => client.transaction().delete("/a").commit(bounds)],
  ])("%s waits for a connection as long as its own timeoutMs says, not operationTimeoutMs", async (op, call) => {
    await opened.client.close();
    opened = await openClient({ operationTimeoutMs: 500 });
    const { client, driver } = opened;
    await driver.session.disconnect();
    const short = rejection(call(client, { timeoutMs: 100 }));
    const long = rejection(call(client, { timeoutMs: 2_000 }));
    const forever = watched(call(client, { timeoutMs: Number.POSITIVE_INFINITY }));
    const details = { code: "TIMEOUT", op, outcome: "not-applied" };
    await vi.advanceTimersByTimeAsync(100);
    expect(await short).toMatchObject({ ...details, message: expect.stringContaining("within 100 ms") });
    await vi.advanceTimersByTimeAsync(1_900);
    expect(await long).toMatchObject({ ...details, message: expect.stringContaining("within 2000 ms") });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(forever.state).toBe("pending");
    await driver.session.connect();
    expect(driver.session.log).toHaveLength(1);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await rejection(forever.promise)).toMatchObject({ code: "NO_AUTH" });
  });

  it("says which bound was in force, however little of it was left at the last attempt", async () => {
    await opened.client.close();
    opened = await openClient({ operationTimeoutMs: 500, retry: { minDelayMs: 450 } });
    const { client, driver } = opened;
    driver.session.refuseQuietly();
    const read = rejection(client.get("/a"));
    await driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(500);
    expect(await read).toMatchObject({ message: "no server could be reached within 500 ms (operationTimeoutMs)" });
  });
});

describe.each(reads)("%s, a read,", (op, call) => {
  it("is asked again when its answer is lost, in this session and in the next", async () => {
    const { client, driver } = opened;
    const result = watched(call(client));
    await driver.session.disconnect();
    await pause();
    await driver.session.connect();
    await pause();
    await driver.session.expire();
    await pause();
    await driver.session.connect();
    await pause();
    expect(driver.sessions.map(({ log }) => log.length)).toEqual([2, 1]);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await rejection(result.promise)).toMatchObject({ code: "NO_AUTH", op });
  });
});

describe.each(writes)("%s, a write,", (op, call) => {
  it("is never repeated when its answer is lost", async () => {
    const { client, driver } = opened;
    const result = rejection(call(client));
    await driver.session.disconnect();
    expect(await result).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown", retryable: true, op });
    await driver.session.connect();
    await pause();
    expect(driver.session.log).toHaveLength(1);
  });

  it("is never repeated when its session ends before the answer", async () => {
    const { client, driver } = opened;
    const result = rejection(call(client));
    await driver.session.expire();
    expect(await result).toMatchObject({ code: "SESSION_EXPIRED", outcome: "unknown", op });
    await driver.session.connect();
    await pause();
    expect(driver.session.log).toEqual([]);
  });

  it("is sent in the next session if the server says that this one had expired before it came", async () => {
    const { client, driver } = opened;
    const [result, pinned] = [watched(call(client)), rejection(call(client.session))];
    await driver.session.refuse(ErrorCode.SESSION_EXPIRED);
    await driver.session.refuse(ErrorCode.SESSION_EXPIRED);
    expect(await pinned).toMatchObject({ code: "SESSION_EXPIRED", outcome: "not-applied", op });
    await driver.session.expire();
    await driver.session.connect();
    await pause();
    expect(driver.session.log).toHaveLength(1);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await rejection(result.promise)).toMatchObject({ code: "NO_AUTH" });
  });

  it("is sent, once, if it could not be sent at first", async () => {
    const { client, driver } = opened;
    driver.session.refuseQuietly();
    const result = watched(call(client));
    await driver.session.disconnect();
    await pause();
    expect(result.state).toBe("pending");
    await driver.session.connect();
    await pause();
    expect(driver.session.log).toHaveLength(1);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    await rejection(result.promise);
  });
});

describe.each(checkedWrites)("%s with a version", (op, call) => {
  /** The answer is lost, and the znode looked at in the same session. */
  async function loseAnswer(): Promise<{ readonly result: Promise<unknown> }> {
    const { client, driver } = opened;
    const result = call(client);
    result.catch(() => {});
    await driver.session.disconnect();
    await driver.session.connect();
    await pause();
    expect(driver.session.log.slice(1)).toEqual(["sync /a", "exists /a"]);
    await driver.session.answer({ path: "/a" });
    return { result };
  }

  const unknown = { code: "CONNECTION_LOSS", outcome: "unknown", op, path: "/a" };
  const [version, aversion] = op === "setAcl" ? [9, 3] : [3, 9];
  const untouched = { ...stat({ czxid: 10 }), version, aversion };

  it("is sent once more when its answer was lost and the znode is as it was before; a refusal is one then", async () => {
    const { driver } = opened;
    for (const code of [undefined, ErrorCode.BAD_VERSION]) {
      driver.session.takeLog();
      const { result } = await loseAnswer();
      await driver.session.answer({ stat: untouched });
      await pause();
      expect(driver.session.log).toHaveLength(4);
      expect(driver.session.log[3]).toBe(driver.session.log[0]);
      if (code === undefined) await driver.session.answer({ stat: untouched });
      else await driver.session.refuse(code);
      if (code === undefined) await result;
      else expect(await rejection(result)).toMatchObject({ code: "BAD_VERSION", op, path: "/a" });
    }
  });

  it.each([
    ["is of another version", { ...untouched, version: aversion, aversion: version }],
    ["was perhaps made since, whatever its version", { ...untouched, czxid: 11n }],
  ])("is not sent again when the znode %s: what became of it is unknown", async (_, seen) => {
    const { result } = await loseAnswer();
    await opened.driver.session.answer({ stat: seen });
    expect(await rejection(result)).toMatchObject(unknown);
    expect(opened.driver.session.log).toHaveLength(3);
  });

  it.each([ErrorCode.NO_NODE, ErrorCode.NO_AUTH])(
    "is not sent again when looking at the znode is refused with %i",
    async (code) => {
      const { result } = await loseAnswer();
      await opened.driver.session.refuse(code);
      expect(await rejection(result)).toMatchObject(unknown);
      expect(opened.driver.session.log).toHaveLength(3);
    },
  );

  it("is looked after again when looking at the znode is cut off, in this session alone", async () => {
    const { driver } = opened;
    const [{ result }, session] = [await loseAnswer(), driver.session];
    await session.disconnect();
    await session.connect();
    await pause();
    expect(session.log).toHaveLength(5);
    await session.disconnect();
    await session.expire();
    await driver.session.connect();
    await pause();
    expect(await rejection(result)).toMatchObject(unknown);
    expect(driver.session.log).toEqual([]);
  });

  it("is not sent again by a driver that does not see zxids", async () => {
    const { client, driver } = opened;
    driver.session.lastZxid = undefined;
    const result = rejection(call(client));
    await driver.session.disconnect();
    await driver.session.connect();
    await pause();
    expect(await result).toMatchObject(unknown);
    expect(driver.session.log).toHaveLength(1);
  });

  it("passes a refusal on when nothing was lost before", async () => {
    const { client, driver } = opened;
    const result = rejection(call(client));
    await driver.session.refuse(ErrorCode.BAD_VERSION);
    expect(await result).toMatchObject({ code: "BAD_VERSION", op, path: "/a" });
  });

  it("is not repeated in another session, and does not wait for it", async () => {
    const { client, driver } = opened;
    const result = watched(call(client));
    await driver.session.disconnect();
    await pause();
    expect(result.state).toBe("pending");
    await driver.session.expire();
    await driver.session.connect();
    await turns();
    expect(await rejection(result.promise)).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
    expect(driver.session.log).toEqual([]);
  });

  it("pinned to a session that ends after the loss stays unknown", async () => {
    const { client, driver } = opened;
    const result = rejection(call(client.session));
    await driver.session.disconnect();
    await pause();
    await driver.session.expire();
    expect(await result).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
  });

  it("stays unknown when no server comes back in time", async () => {
    await opened.client.close();
    opened = await openClient({ operationTimeoutMs: 500 });
    const result = rejection(call(opened.client));
    await opened.driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(600);
    expect(await result).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
  });

  it("that was not sent at first is sent in the next session", async () => {
    const { client, driver } = opened;
    driver.session.refuseQuietly();
    const result = watched(call(client));
    await driver.session.disconnect();
    await driver.session.expire();
    await driver.session.connect();
    await pause();
    await driver.session.answer({ stat: stat({ czxid: 1 }) });
    await result.promise;
  });
});

describe("refusals of the moment", () => {
  it.each([ErrorCode.SESSION_MOVED, ErrorCode.THROTTLED_OP])("%i are asked again, writes too", async (code) => {
    const { client, driver } = opened;
    const result = watched(client.set("/a", "x"));
    await driver.session.refuse(code);
    await pause();
    expect(driver.session.log).toHaveLength(2);
    await driver.session.answer({ stat: stat({ czxid: 1 }) });
    await result.promise;
  });

  it("come through when they do not end", async () => {
    const { client, driver } = opened;
    const result = watched(client.set("/a", "x"));
    for (let attempt = 0; attempt <= 8; attempt++) {
      await driver.session.refuse(ErrorCode.SESSION_MOVED);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(await rejection(result.promise)).toMatchObject({ code: "SESSION_MOVED", op: "set", path: "/a" });
    expect(driver.session.log).toHaveLength(9);
  });
});

describe("retry", () => {
  it("false means that nothing is asked twice", async () => {
    await opened.client.close();
    opened = await openClient({ retry: false });
    const { client, driver } = opened;
    const result = rejection(client.get("/a"));
    await driver.session.disconnect();
    expect(await result).toMatchObject({ code: "CONNECTION_LOSS", op: "get", path: "/a" });
    await driver.session.connect();
    const bounded = rejection(client.get("/a", { timeoutMs: 1_000 }));
    await turns();
    await driver.session.disconnect();
    expect(await bounded).toMatchObject({ code: "CONNECTION_LOSS" });
    expect(driver.session.log).toHaveLength(2);
  });

  it("counts from the first attempt, bounded or not", async () => {
    await opened.client.close();
    opened = await openClient({ retry: { retries: 2 } });
    const { client, driver } = opened;
    for (const bounds of [{}, { timeoutMs: 60_000 }]) {
      driver.session.takeLog();
      const result = rejection(client.get("/a", bounds));
      for (let attempt = 0; attempt < 3; attempt++) {
        await turns();
        await driver.session.disconnect();
        await pause();
        await driver.session.connect();
        await pause();
      }
      expect(await result).toMatchObject({ code: "CONNECTION_LOSS" });
      expect(driver.session.log).toHaveLength(3);
    }
  });
});

describe("bounds", () => {
  it.each([true, false])("that are hit before anything was sent: not applied (connected: %s)", async (connected) => {
    const { client, driver } = opened;
    if (!connected) await driver.session.disconnect();
    const result = rejection(
      connected ? client.set("/a", "x", { signal: AbortSignal.abort() }) : client.set("/a", "x", { timeoutMs: 50 }),
    );
    await vi.advanceTimersByTimeAsync(50);
    expect(await result).toMatchObject({ code: connected ? "ABORTED" : "TIMEOUT", outcome: "not-applied" });
    expect(driver.session.log).toEqual([]);
  });

  it("that are hit after a first attempt that could not be sent: not applied", async () => {
    const { client, driver } = opened;
    driver.session.refuseQuietly();
    const result = rejection(client.set("/a", "x", { timeoutMs: 200 }));
    await driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(200);
    expect(await result).toMatchObject({ code: "TIMEOUT", outcome: "not-applied" });
  });

  it("that are hit while the answer is awaited: unknown for writes; reads apply nothing", async () => {
    const { client } = opened;
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const { signal } = controller;
    const results = [rejection(client.set("/a", "x", { signal })), rejection(client.get("/b", { timeoutMs: 10 }))];
    await vi.advanceTimersByTimeAsync(10);
    controller.abort("enough");
    expect(await Promise.all(results)).toMatchObject([
      { code: "ABORTED", outcome: "unknown", op: "set", path: "/a", cause: "enough" },
      { code: "TIMEOUT", outcome: "not-applied", op: "get", path: "/b" },
    ]);
    expect(listeners.count).toBe(0);
  });

  it("that are hit in the very turn of the answer never call an applied write not applied", async () => {
    const { client, driver } = opened;
    for (let delay = 0; delay < 20; delay++) {
      const controller = new AbortController();
      const result = client.set("/a", "x", { signal: controller.signal }).then(
        () => "applied",
        ({ outcome }: { readonly outcome: string }) => outcome,
      );
      await turns();
      void driver.session.answer({ stat: stat({ czxid: 1 }) });
      for (let turn = 0; turn < delay; turn++) await Promise.resolve();
      controller.abort();
      expect(await result).not.toBe("not-applied");
    }
  });

  it("that are hit during a retry's pause: unknown for a checked write that was lost", async () => {
    const { client, driver } = opened;
    const result = rejection(client.set("/a", "x", { version: 1, timeoutMs: 100 }));
    await turns();
    await driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(100);
    expect(await result).toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
  });

  it("stop the retries", async () => {
    const { client, driver } = opened;
    const result = rejection(client.get("/a", { timeoutMs: 100 }));
    await turns();
    await driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(100);
    await result;
    await driver.session.connect();
    await pause();
    expect(driver.session.log).toHaveLength(1);
  });
});

describe("below a chroot", () => {
  it("requests name the server's paths; results, errors and their messages the application's", async () => {
    await opened.client.close();
    opened = await openClient({ servers: "zk/app/x" });
    const { client, driver } = opened;
    const created = client.create("/a/b", null, { mode: "persistent-sequential" });
    await driver.session.answer({ path: "/app/x/a/b0000000001", stat: stat({ czxid: 1 }) });
    expect((await created).path).toBe("/a/b0000000001");
    const ephemerals = client.ephemerals();
    await driver.session.answer({ ephemerals: ["/app/x/a", "/app/x/b"] });
    expect(await ephemerals).toEqual(["/a", "/b"]);
    const results = [
      rejection(client.get("/a")),
      rejection(client.transaction().check("/b").set("/c", "x").commit()),
      rejection(client.set("/d", "x")),
      rejection(client.delete("/")),
    ];
    await driver.session.refuse(ErrorCode.NO_NODE);
    await driver.session.refuse(ErrorCode.BAD_VERSION, 1);
    await driver.session.disconnect();
    const errors = await Promise.all(results);
    expect(errors).toMatchObject([
      { code: "NO_NODE", op: "get", path: "/a", serverCode: ErrorCode.NO_NODE },
      { code: "BAD_VERSION", op: "transaction", index: 1 },
      { code: "CONNECTION_LOSS", op: "set", path: "/d" },
      { code: "CONNECTION_LOSS", op: "delete", path: "/" },
    ]);
    for (const { message } of errors) expect(message).not.toContain("/app");
    expect(driver.session.takeLog()).toEqual([
      "create2 /app/x/a/b",
      "getEphemerals",
      "getData /app/x/a",
      "multi",
      "setData /app/x/d",
      "delete /app/x",
    ]);
  });
});
