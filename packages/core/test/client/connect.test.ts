import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../src/client/connect.ts";
import { ConnectError, InvalidArgumentError } from "../../src/errors/client-errors.ts";
import { AuthFailedError } from "../../src/errors/server-errors.ts";
import type { Logger } from "../../src/logger.ts";
import { FakeDriver } from "../support/fake-driver.ts";
import { listenersOf } from "../support/listeners.ts";
import { rejection, turns } from "../support/turns.ts";

const [zk1, zk2] = [
  { host: "zk1", port: 2181 },
  { host: "::2", port: 2182 },
];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("connect()", () => {
  it("resolves with a live session, and leaves no listener and no timer of its own", async () => {
    const driver = new FakeDriver();
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const connecting = connect("zk1,[::2]:2182/app", { driver, signal: controller.signal, sessionTimeoutMs: 6_000 });
    await turns();
    expect(driver.session.options).toMatchObject({
      servers: [zk1, zk2],
      sessionTimeoutMs: 6_000,
      attemptTimeoutMs: 2_000,
    });
    await driver.session.failAttempt(zk1, new Error("refused"));
    await driver.session.connect();
    const client = await connecting;
    expect([client.state, client.session.id, client.failedAttempts]).toEqual(["connected", 1n, []]);
    expect(listeners.count).toBe(0);
    controller.abort();
    expect(client.state).toBe("connected");
    await client.close();
  });

  it("rejects at connectTimeoutMs, with every server that was tried and its newest failure", async () => {
    const driver = new FakeDriver();
    const connecting = rejection(connect("zk1,[::2]:2182", { driver, connectTimeoutMs: 3_000 }));
    await turns();
    const newest = new Error("no route");
    await driver.session.failAttempt(zk1, new Error("refused"));
    await driver.session.failAttempt(zk2, new Error("reset"));
    await driver.session.failAttempt(zk1, newest);
    await vi.advanceTimersByTimeAsync(3_000);
    const error = await connecting;
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({
      code: "CONNECT",
      op: "connect",
      retryable: true,
      cause: { code: "TIMEOUT" },
      attempts: [
        { server: "zk1:2181", cause: newest },
        { server: "[::2]:2182", cause: { message: "reset" } },
      ],
    });
    expect(error.message).toContain("zk1:2181 (no route), [::2]:2182 (reset)");
    expect(driver.session.closeCalls).toBeGreaterThan(0);
  });

  it("lists the server it was cut short at, unless more is known of it", async () => {
    const driver = new FakeDriver();
    const connecting = rejection(connect("zk1,[::2]:2182", { driver, connectTimeoutMs: 1_000 }));
    await turns();
    await driver.session.failAttempt(zk1, new Error("refused"));
    driver.session.trying = zk2;
    await vi.advanceTimersByTimeAsync(1_000);
    const error = await connecting;
    expect(error).toMatchObject({
      attempts: [
        { server: "zk1:2181", cause: { message: "refused" } },
        { server: "[::2]:2182", cause: { code: "TIMEOUT", message: "connect: not done within 1000 ms" } },
      ],
    });
    expect(error.message).toContain("[::2]:2182 (connect: not done within 1000 ms)");

    const again = rejection(connect("zk1", { driver, connectTimeoutMs: 1_000 }));
    await turns();
    await driver.session.failAttempt(zk1, new Error("refused"));
    driver.session.trying = zk1;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await again).toMatchObject({ attempts: [{ server: "zk1:2181", cause: { message: "refused" } }] });
  });

  it("rejects when the signal aborts, also before", async () => {
    const driver = new FakeDriver();
    const controller = new AbortController();
    const connecting = rejection(connect("zk1", { driver, signal: controller.signal }));
    await turns();
    controller.abort("enough");
    const error = await connecting;
    expect(error).toMatchObject({ code: "CONNECT", attempts: [], cause: { code: "ABORTED", cause: "enough" } });
    const again = await rejection(connect("zk1", { driver, signal: controller.signal }));
    expect(again).toMatchObject({ code: "CONNECT", cause: { code: "ABORTED" } });
    expect(driver.sessions.map(({ closeCalls }) => closeCalls > 0)).toEqual([true]);
  });

  it("rejects when a credential is refused", async () => {
    const driver = new FakeDriver();
    const connecting = rejection(connect("zk1", { driver }));
    await turns();
    const refused = new AuthFailedError(-115);
    await driver.session.failAuth(refused);
    expect(await connecting).toMatchObject({ code: "CONNECT", cause: refused });
    expect(driver.sessions).toHaveLength(1);
  });

  it("goes on with a new session when the first one expires at once", async () => {
    const driver = new FakeDriver();
    const connecting = connect("zk1", { driver });
    await turns();
    await driver.session.expire();
    await driver.session.connect();
    const client = await connecting;
    expect(client.session.id).toBe(2n);
    await client.close();
  });

  it.each([
    ["zk1:0", {}],
    ["zk1", { sessionTimeoutMs: -1 }],
    ["zk1", { auth: { scheme: "digest", username: "", password: "hunter2" } as const }],
  ])("refuses %j with %j before anything is opened", async (servers, options) => {
    const driver = new FakeDriver();
    const error = await rejection(connect(servers, { driver, ...options }));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.message).not.toContain("hunter2");
    expect(driver.sessions).toEqual([]);
  });

  it("rejects as the driver does when that cannot even begin", async () => {
    const driver = new FakeDriver();
    driver.open = () => {
      throw new InvalidArgumentError("no such certificate");
    };
    expect(await rejection(connect("zk1", { driver }))).toMatchObject({ message: "no such certificate" });
  });

  it("tells the logger of what failed, and no secret", async () => {
    const driver = new FakeDriver();
    const lines: string[] = [];
    const log = (message: string, details?: object): void => void lines.push(message + JSON.stringify(details ?? {}));
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const auth = { scheme: "digest", username: "ann", password: "hunter2" } as const;
    const connecting = connect("zk1", { driver, logger, auth });
    await turns();
    await driver.session.failAttempt(zk1, new Error("refused"));
    await driver.session.connect();
    const client = await connecting;
    await driver.session.expire();
    await client.close();
    expect(lines.join("\n")).toContain("cannot use server zk1:2181");
    expect(lines.join("\n")).toContain("connection connecting -> connected");
    expect(lines.join("\n")).not.toContain("hunter2");
  });

  it("comes at once without a session if asked to, and finds one later", async () => {
    const driver = new FakeDriver();
    const client = await connect("zk1", { driver, waitForSession: false, connectTimeoutMs: 50 });
    expect(client.state).toBe("connecting");
    expect(() => client.session).toThrow("no session yet");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.state).toBe("connecting");
    const connected = client.whenConnected();
    await turns();
    await driver.session.connect();
    expect((await connected).id).toBe(1n);
    expect(client.state).toBe("connected");
    await client.close();
  });

  it("refuses what can never work, and a signal that has aborted, without a session too", async () => {
    const driver = new FakeDriver();
    await expect(connect("", { driver, waitForSession: false })).rejects.toBeInstanceOf(InvalidArgumentError);
    const aborted = connect("zk1", { driver, waitForSession: false, signal: AbortSignal.abort() });
    expect(await rejection(aborted)).toBeInstanceOf(ConnectError);
  });
});
