import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { AuthFailedError } from "../../src/errors/server-errors.ts";
import type { Session } from "../../src/session/session.ts";
import type { FakeDriver } from "../support/fake-driver.ts";
import { listenersOf } from "../support/listeners.ts";
import { openClient } from "../support/open-client.ts";
import { rejection, turns, watched } from "../support/turns.ts";

const refused = new AuthFailedError(-115);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function statesOf(client: Client, into: string[]): Promise<void> {
  for await (const state of client.states()) into.push(state);
}

describe("the state of a client", () => {
  it("follows the connection, through a lost session into the next one", async () => {
    const { client, driver } = await openClient();
    const seen: string[] = [];
    const reading = statesOf(client, seen);
    await turns();
    await driver.session.disconnect();
    await driver.session.connect();
    await driver.session.expire();
    await driver.session.connect();
    await client.close();
    await reading;
    expect(seen).toEqual(["connected", "suspended", "connected", "lost", "connected", "closed"]);
    expect(driver.sessions).toHaveLength(2);
  });

  it("coalesces to the newest for a slow reader", async () => {
    const { client, driver } = await openClient();
    const states = client.states();
    expect(await states.next()).toEqual({ done: false, value: "connected" });
    await driver.session.disconnect();
    await driver.session.expire();
    expect(await states.next()).toEqual({ done: false, value: "lost" });
    await client.close();
    expect(await states.next()).toEqual({ done: false, value: "closed" });
    expect(await states.next()).toEqual({ done: true, value: undefined });
  });

  it("finishes for a reader whose signal aborts", async () => {
    const { client } = await openClient();
    const controller = new AbortController();
    const states = client.states({ signal: controller.signal });
    await states.next();
    const next = states.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    await client.close();
  });

  it("is lost already when whoever follows the session hears of it, and no session is mistaken for a live one", async () => {
    const { client, driver } = await openClient();
    const { session } = client;
    const heard: unknown[] = [];
    let next: Promise<Session> | undefined;
    session.signal.addEventListener("abort", () => {
      heard.push(client.state);
      next = client.whenConnected();
    });
    await driver.session.expire();
    expect(heard).toEqual(["lost"]);
    await driver.session.connect();
    expect(await next).toBe(client.session);
    expect(client.session).not.toBe(session);
    await client.close();
  });

  it("tells whether the server serves reads only", async () => {
    const { client, driver } = await openClient({ info: { readOnly: true } });
    expect(client.readOnly).toBe(true);
    await driver.session.disconnect();
    await driver.session.connect({ readOnly: false });
    expect(client.readOnly).toBe(false);
    await client.close();
  });
});

describe("the session of a client", () => {
  it("stays the same through suspension, and is another one after a loss", async () => {
    const { client, driver } = await openClient();
    const first = client.session;
    expect(first).toMatchObject({ id: 1n, negotiatedTimeoutMs: 10_000, connected: true });
    await driver.session.disconnect();
    expect([client.session === first, first.connected]).toEqual([true, false]);
    await driver.session.connect();
    expect(client.session).toBe(first);
    await driver.session.expire();
    expect(first.signal.reason).toMatchObject({ code: "SESSION_EXPIRED", endedBy: "server" });
    expect(client.session).toBe(first);
    await driver.session.connect();
    expect(client.session).not.toBe(first);
    expect(client.session.id).toBe(2n);
    await client.close();
    expect(client.session.signal.reason).toMatchObject({ code: "CLOSED" });
  });

  it("pins its operations: they are rejected after its end, not sent into the next one", async () => {
    const { client, driver } = await openClient();
    const { session } = client;
    const [sent, waiting] = [rejection(session.get("/a")), rejection(session.get("/b", { timeoutMs: 60_000 }))];
    await driver.session.expire();
    await driver.session.connect();
    expect(await sent).toMatchObject({ code: "SESSION_EXPIRED", op: "get", path: "/a" });
    expect(await waiting).toMatchObject({ code: "SESSION_EXPIRED", op: "get", path: "/b" });
    expect(await rejection(session.create("/c"))).toMatchObject({ outcome: "not-applied", op: "create", path: "/c" });
    expect(await rejection(session.whenConnected())).toMatchObject({ code: "SESSION_EXPIRED" });
    expect(driver.session.log).toEqual([]);
    await client.close();
  });

  it("is opened with what the client knows by then: servers and identities", async () => {
    const { client, driver } = await openClient({ auth: { scheme: "digest", username: "ann", password: "x" } });
    client.setServers("zk7,zk8:99");
    const added = client.addAuth({ scheme: "digest", username: "bob", password: "y" });
    await turns();
    driver.session.added[0]?.resolve();
    await added;
    expect(driver.session.servers).toHaveLength(2);
    await driver.session.expire();
    const { options } = driver.session;
    expect(options.servers).toEqual([
      { host: "zk7", port: 2181 },
      { host: "zk8", port: 99 },
    ]);
    expect(options.credentials.map(({ credential }) => Buffer.from(credential).toString())).toEqual(["ann:x", "bob:y"]);
    await client.close();
  });
});

describe("addAuth", () => {
  const bob = { scheme: "digest", username: "bob", password: "y" } as const;

  it("resolves in the next session if this one ends before the answer", async () => {
    const { client, driver } = await openClient();
    const added = watched(client.addAuth(bob));
    await driver.session.expire();
    expect(added.state).toBe("pending");
    await driver.session.connect();
    await added.promise;
    await client.close();
  });

  it("rejects when it is refused, and by its bounds", async () => {
    const { client, driver } = await openClient();
    const added = rejection(client.addAuth(bob));
    await turns();
    driver.session.added[0]?.reject(refused);
    expect(await added).toBe(refused);
    const bounded = rejection(client.addAuth(bob, { timeoutMs: 5 }));
    await vi.advanceTimersByTimeAsync(5);
    expect(await bounded).toMatchObject({ code: "TIMEOUT", op: "addAuth" });
    await client.close();
    expect(await rejection(client.addAuth(bob))).toMatchObject({ code: "CLOSED" });
  });
});

it("setServers refuses a chroot: it cannot change under those who use it", async () => {
  const { client, driver } = await openClient({ servers: "zk1/app" });
  expect(() => client.setServers("zk2/other")).toThrow(/chroot/);
  expect(() => client.setServers("zk2:0")).toThrow(/port 0/);
  expect(driver.session.servers).toEqual([{ host: "zk1", port: 2181 }]);
  await client.close();
});

describe("whenConnected", () => {
  it("waits through suspension and loss", async () => {
    const { client, driver } = await openClient();
    expect(await client.whenConnected()).toBe(client.session);
    await driver.session.disconnect();
    const waiting = watched(client.whenConnected());
    await driver.session.expire();
    expect(waiting.state).toBe("pending");
    await driver.session.connect();
    expect(await waiting.promise).toBe(client.session);
    expect(client.session.id).toBe(2n);
    await client.close();
  });

  it("keeps to its bounds, and leaves no listener", async () => {
    const { client, driver } = await openClient();
    await driver.session.disconnect();
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const timedOut = rejection(client.whenConnected({ timeoutMs: 5, signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(5);
    expect(await timedOut).toMatchObject({ code: "TIMEOUT", op: "whenConnected" });
    expect(listeners.count).toBe(0);
    const aborted = rejection(client.whenConnected({ signal: controller.signal }));
    controller.abort("enough");
    expect(await aborted).toMatchObject({ code: "ABORTED", cause: "enough" });
    await client.close();
  });

  it("rejects when the client is closed, before or meanwhile", async () => {
    const { client, driver } = await openClient();
    await driver.session.disconnect();
    const waiting = rejection(client.whenConnected());
    await client.close();
    expect(await waiting).toMatchObject({ code: "CLOSED" });
    expect(await rejection(client.whenConnected())).toMatchObject({ code: "CLOSED" });
  });
});

describe("close()", () => {
  const reach: [state: string, (driver: FakeDriver) => Promise<void>][] = [
    ["connected", async () => {}],
    ["suspended", (driver) => driver.session.disconnect()],
    ["lost", (driver) => driver.session.expire()],
  ];
  it.each(reach)("works while %s: what pends is rejected, every driver session closed", async (state, go) => {
    const { client, driver } = await openClient();
    await go(driver);
    expect(client.state).toBe(state);
    const pending = ["read", "write"].map((kind) =>
      rejection(kind === "read" ? client.get("/a") : client.set("/a", "x")),
    );
    const waiting = state === "connected" ? undefined : rejection(client.whenConnected());
    await turns();
    await Promise.all([client.close(), client.close()]);
    await client.close();
    expect(client.state).toBe("closed");
    expect(await client.closed).toBeUndefined();
    const outcome = state === "connected" ? "unknown" : "not-applied";
    expect(await Promise.all(pending)).toMatchObject([
      { code: "CLOSED", op: "get", path: "/a" },
      { code: "CLOSED", op: "set", path: "/a", outcome },
    ]);
    if (waiting !== undefined) expect(await waiting).toMatchObject({ code: "CLOSED" });
    expect(driver.sessions.every(({ closeCalls }) => closeCalls > 0)).toBe(true);
    expect(driver.sessions).toHaveLength(state === "lost" ? 2 : 1);
  });

  it("is followed by nothing: operations are refused as not applied, and no session is opened", async () => {
    const { client, driver } = await openClient();
    await client.close();
    expect(await rejection(client.set("/a", "x"))).toMatchObject({ code: "CLOSED", outcome: "not-applied", op: "set" });
    expect(await rejection(client.get("/a", { timeoutMs: 5 }))).toMatchObject({ code: "CLOSED", op: "get" });
    const transaction = client.transaction().delete("/a").commit();
    expect(await rejection(transaction)).toMatchObject({ code: "CLOSED", op: "transaction" });
    await driver.session.connect();
    expect([client.state, driver.sessions.length]).toEqual(["closed", 1]);
  });

  it("may be called from where the end of the session is heard", async () => {
    const { client, driver } = await openClient();
    let inner: Promise<void> | undefined;
    client.session.signal.addEventListener("abort", () => {
      inner = client.close();
    });
    await client.close();
    await inner;
    expect(await client.closed).toBeUndefined();
    expect(driver.sessions).toHaveLength(1);
  });

  it("resolves once the driver has let go, for everyone who asked", async () => {
    const { client, driver } = await openClient();
    driver.session.slowToClose = true;
    const closings = [watched(client.close()), watched(client.close()), watched(client[Symbol.asyncDispose]())];
    const closed = watched(client.closed);
    await turns();
    expect([...closings, closed].map(({ state }) => state)).toEqual(["pending", "pending", "pending", "pending"]);
    driver.session.finishClosing?.();
    await turns();
    expect([...closings, closed].map(({ state }) => state)).toEqual(["done", "done", "done", "done"]);
  });

  it("is what leaving a block does", async () => {
    const { client } = await openClient();
    {
      await using inner = client;
      expect(inner.state).toBe("connected");
    }
    expect(client.state).toBe("closed");
    expectTypeOf<Client>().toExtend<AsyncDisposable>();
  });
});

describe("a refused credential", () => {
  it("closes the client with the error: another session would fare no better", async () => {
    const { client, driver } = await openClient();
    const seen: string[] = [];
    const reading = statesOf(client, seen);
    const pending = rejection(client.get("/a"));
    await driver.session.failAuth(refused);
    expect(await client.closed).toBe(refused);
    expect(await pending).toMatchObject({ code: "AUTH_FAILED", op: "get", path: "/a" });
    await reading;
    expect(seen.at(-1)).toBe("closed");
    expect(client.session.signal.reason).toBe(refused);
    expect(driver.sessions).toHaveLength(1);
    await client.close();
    expect(await client.closed).toBe(refused);
    expect(await rejection(client.whenConnected())).toBe(refused);
  });
});
