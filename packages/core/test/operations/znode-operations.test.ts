import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openAcl } from "../../src/acl/acl.ts";
import type { Client } from "../../src/client/client.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { stat } from "../support/stat.ts";
import { rejection, turns, watched } from "../support/turns.ts";

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

describe("bad arguments", () => {
  it.each<[name: string, act: (client: Client) => Promise<unknown>]>([
    ["get", (client) => client.get("a")],
    ["set", (client) => client.set("/a/", "x")],
    ["set", (client) => client.set("/a", 5 as never)],
    ["set", (client) => client.set("/a", "x", { version: 1.5 })],
    ["set", (client) => client.set("/a", "x", { version: -2 })],
    ["delete", (client) => client.delete("/a", { version: 2 ** 31 })],
    ["delete", (client) => client.delete("//", { recursive: true })],
    ["exists", (client) => client.exists("")],
    ["children", (client) => client.children("/..")],
    ["getAcl", (client) => client.getAcl("a")],
    ["setAcl", (client) => client.setAcl("/a", [])],
    ["setAcl", (client) => client.setAcl("/a", openAcl, { version: Number.NaN })],
    ["sync", (client) => client.sync("a")],
    ["ephemerals", (client) => client.ephemerals("a")],
    ["countDescendants", (client) => client.countDescendants("a")],
    ["create", (client) => client.create("a")],
    ["create", (client) => client.create("/a", null, { parents: "yes" as never })],
    ["create", (client) => client.create("/a", null, { protected: true })],
    ["create", (client) => client.create("a", null, { protected: true, mode: "ephemeral-sequential" })],
    ["create", (client) => client.create("/a/..", null, { protected: true, mode: "ephemeral-sequential" })],
    ["get", (client) => client.get("/a", { timeoutMs: -1 })],
    ["create", (client) => client.create("/a", null, { timeoutMs: -1, parents: true })],
  ])("of %s reject before anything is sent: %#", async (op, act) => {
    const error = await rejection(act(opened.client));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", op, retryable: false });
    expect(opened.driver.session.log).toEqual([]);
  });

  it("of a transaction throw where they are given", () => {
    const transaction = opened.client.transaction();
    expect(() => transaction.check("a")).toThrow(/does not start/);
    expect(() => transaction.check("/a", 0.5)).toThrow(/version 0.5/);
    expect(() => transaction.create("/a", null, { mode: "x" as never })).toThrow(/mode "x"/);
    expect(() => transaction.set("/a", 5 as never)).toThrow(/data/);
    expect(() => transaction.delete("/")).not.toThrow();
    expect(() => transaction.delete("")).toThrow(/does not start/);
  });
});

it("exists() is undefined where there is nothing", async () => {
  const { client, driver } = opened;
  const results = [client.exists("/a"), client.exists("/b")];
  await driver.session.refuse(ErrorCode.NO_NODE);
  await driver.session.answer({ stat: stat({ czxid: 7 }) });
  expect(await Promise.all(results)).toEqual([undefined, stat({ czxid: 7 })]);
});

describe("create with parents", () => {
  it("makes what is missing in one write, then tries again", async () => {
    const { client, driver } = opened;
    driver.tree.create("/a");
    const created = client.create("/a/b/c/d", "x", { parents: true, mode: "ephemeral-sequential" });
    await driver.session.serve(1);
    expect(driver.session.open).toHaveLength(3);
    await driver.session.serve();
    expect(await created).toMatchObject({ path: "/a/b/c/d0000000000", stat: { ephemeralOwner: 1n } });
    expect(driver.session.log).toEqual([
      "create2 /a/b/c/d",
      "create2 /a",
      "create2 /a/b",
      "create2 /a/b/c",
      "create2 /a/b/c/d",
    ]);
  });

  it("makes containers where asked, persistent ones where the server knows none", async () => {
    const { client, driver } = opened;
    const created = client.create("/a/b", null, { parents: "container" });
    await driver.session.serve(1);
    await driver.session.refuse(ErrorCode.UNIMPLEMENTED);
    await driver.session.serve();
    await created;
    expect(driver.session.log).toEqual(["create2 /a/b", "createContainer /a", "create2 /a", "create2 /a/b"]);
  });

  it("goes on when containers are reaped meanwhile", async () => {
    const { client, driver } = opened;
    const created = client.create("/a/b", null, { parents: "container" });
    await driver.session.serve(2);
    driver.tree.delete("/a");
    await driver.session.serve();
    expect((await created).path).toBe("/a/b");
  });

  it("tells of a refusal, unless it meant nothing", async () => {
    const { client, driver } = opened;
    driver.tree.create("/a");
    const harmless = client.create("/a/b/c", null, { parents: true });
    await driver.session.serve(1);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    await driver.session.serve();
    await harmless;
    const result = rejection(client.create("/x/y", null, { parents: true }));
    await driver.session.serve(1);
    await driver.session.refuse(ErrorCode.NO_AUTH);
    await driver.session.serve(1);
    expect(await result).toMatchObject({ code: "NO_AUTH", path: "/x" });
    const ephemeral = rejection(client.create("/e/f/g", null, { parents: true }));
    await driver.session.serve(2);
    await driver.session.refuse(ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    expect(await ephemeral).toMatchObject({ code: "NO_CHILDREN_FOR_EPHEMERALS", path: "/e/f" });
  });

  it.each([{ parents: true }, { protected: true, mode: "ephemeral-sequential" } as const])(
    "was not applied if nothing could be sent in time: %j",
    async (options) => {
      const { client, driver } = opened;
      await driver.session.disconnect();
      const result = rejection(client.create("/a/b", null, { ...options, timeoutMs: 100 }));
      await vi.advanceTimersByTimeAsync(100);
      expect(await result).toMatchObject({ code: "TIMEOUT", op: "create", path: "/a/b", outcome: "not-applied" });
    },
  );

  it("keeps to its bounds as a whole", async () => {
    const { client, driver } = opened;
    const result = rejection(client.create("/a/b", null, { parents: true, timeoutMs: 100 }));
    await vi.advanceTimersByTimeAsync(60);
    await driver.session.serve(1);
    await vi.advanceTimersByTimeAsync(40);
    expect(await result).toMatchObject({ code: "TIMEOUT", op: "create", path: "/a/b", outcome: "unknown" });
    await driver.session.serve();
    expect(driver.session.log).toEqual(["create2 /a/b", "create2 /a"]);
  });
});

describe("delete with recursive", () => {
  it("takes the subtree, deepest first, whoever adds or removes meanwhile", async () => {
    const { client, driver } = opened;
    for (const path of ["/a", "/a/b", "/a/b/c", "/a/b/d", "/a/e"]) driver.tree.create(path);
    const deleting = watched(client.delete("/a", { recursive: true }));
    await driver.session.serve(2);
    driver.tree.create("/a/new");
    driver.tree.delete("/a/e");
    await driver.session.serve();
    await deleting.promise;
    expect(driver.tree.paths).toEqual(["/"]);
  });

  it("rejects for a root that is not there, and before the children for a version that is not met", async () => {
    const { client, driver } = opened;
    const missing = rejection(client.delete("/a", { recursive: true }));
    await driver.session.serve();
    expect(await missing).toMatchObject({ code: "NO_NODE", path: "/a" });
    driver.session.takeLog();
    const versioned = rejection(client.delete("/a", { recursive: true, version: 4 }));
    await turns();
    await driver.session.refuse(ErrorCode.BAD_VERSION);
    expect(await versioned).toMatchObject({ code: "BAD_VERSION", op: "delete" });
    expect(driver.session.log).toEqual(["delete /a"]);
  });

  it("asks for many at a time, not for all", async () => {
    const { client, driver } = opened;
    driver.tree.create("/a");
    for (let child = 0; child < 300; child++) driver.tree.create(`/a/${child}`);
    const deleting = client.delete("/a", { recursive: true });
    await driver.session.serve(2);
    expect(driver.session.open).toHaveLength(128);
    await driver.session.serve();
    await deleting;
    expect(driver.tree.paths).toEqual(["/"]);
  });
});

it("a signal given to many calls at once gets one listener, as Node.js takes more than ten for a leak", async () => {
  const { client, driver } = opened;
  driver.tree.create("/a");
  for (let child = 0; child < 30; child++) driver.tree.create(`/a/${child}`);
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  const { signal } = new AbortController();
  const calls = Array.from({ length: 30 }, (_, child) => client.exists(`/a/${child}`, { signal }));
  const deleting = client.delete("/a", { recursive: true, signal });
  await driver.session.serve();
  await Promise.all([...calls, deleting]);
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", warn);
  expect(warnings).toEqual([]);
  vi.useFakeTimers();
});
