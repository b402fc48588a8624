import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openAcl } from "../../src/acl/acl.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { stat } from "../support/stat.ts";
import { rejection } from "../support/turns.ts";

let opened: Opened;

beforeEach(async () => {
  vi.useFakeTimers();
  opened = await openClient({ servers: "zk/app" });
});

afterEach(async () => {
  await opened.client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("a transaction", () => {
  it("is one request, with the server's paths, and gives a result for each operation", async () => {
    const { client, driver } = opened;
    const committing = client
      .transaction()
      .check("/a", 3)
      .create("/b", "x")
      .create("/c-", null, { mode: "ephemeral-sequential" })
      .create("/d", null, { mode: "container" })
      .set("/e", "y", { version: 1 })
      .delete("/f", { version: 2 })
      .delete("/g")
      .commit();
    expect(driver.session.open.map(({ operation }) => operation)).toEqual([
      {
        op: "multi",
        operations: [
          { op: "check", path: "/app/a", version: 3 },
          { op: "create2", path: "/app/b", data: Buffer.from("x"), acl: openAcl, flags: 0 },
          { op: "create2", path: "/app/c-", data: null, acl: openAcl, flags: 3 },
          { op: "createContainer", path: "/app/d", data: null, acl: openAcl, flags: 4 },
          { op: "setData", path: "/app/e", data: Buffer.from("y"), version: 1 },
          { op: "delete", path: "/app/f", version: 2 },
          { op: "delete", path: "/app/g", version: -1 },
        ],
      },
    ]);
    const [first, second] = [stat({ czxid: 1 }), stat({ czxid: 2 })];
    await driver.session.answer({
      results: [
        { op: "check" },
        { op: "create", path: "/app/b" },
        { op: "create", path: "/app/c-0000000007" },
        { op: "create2", path: "/app/d", stat: first },
        { op: "setData", stat: second },
        { op: "delete" },
        { op: "delete" },
      ],
    });
    expect(await committing).toEqual([
      { op: "check", path: "/a" },
      { op: "create", path: "/b", stat: undefined },
      { op: "create", path: "/c-0000000007", stat: undefined },
      { op: "create", path: "/d", stat: first },
      { op: "set", path: "/e", stat: second },
      { op: "delete", path: "/f" },
      { op: "delete", path: "/g" },
    ]);
  });

  it("without operations asks nobody", async () => {
    expect(await opened.client.transaction().commit()).toEqual([]);
    expect(opened.driver.session.log).toEqual([]);
  });

  it("is good for one commit", async () => {
    const transaction = opened.client.transaction().delete("/a");
    const first = rejection(transaction.commit());
    expect(await rejection(transaction.commit())).toMatchObject({ code: "INVALID_ARGUMENT", op: "transaction" });
    expect(opened.driver.session.log).toEqual(["multi"]);
    await opened.driver.session.refuse(ErrorCode.NO_NODE, 0);
    expect(await first).toMatchObject({ code: "NO_NODE", index: 0 });
  });

  it("keeps to its bounds: unknown once it was sent", async () => {
    const transaction = opened.client.transaction().delete("/a");
    const result = rejection(transaction.commit({ timeoutMs: 10 }));
    await vi.advanceTimersByTimeAsync(10);
    expect(await result).toMatchObject({ code: "TIMEOUT", op: "transaction", outcome: "unknown" });
  });
});

describe("reconfig", () => {
  it("asks with what joins and leaves, and gives the new configuration", async () => {
    const { client, driver } = opened;
    const changing = client.reconfig({ joining: ["server.4=h:2888:3888;2181"], leaving: [1, "2"], fromConfig: 0x10n });
    expect(driver.session.open[0]?.operation).toEqual({
      op: "reconfig",
      joiningServers: "server.4=h:2888:3888;2181",
      leavingServers: "1,2",
      newMembers: null,
      curConfigId: 0x10n,
    });
    await driver.session.answer({ data: Buffer.from("server.4=..."), stat: stat({ czxid: 1 }) });
    expect(await changing).toEqual({ text: "server.4=...", stat: stat({ czxid: 1 }) });
  });

  it("reads the configuration outside of every chroot", async () => {
    const { client, driver } = opened;
    const reading = client.ensembleConfig();
    await driver.session.answer({ data: null, stat: stat({ czxid: 1 }) });
    expect((await reading).text).toBe("");
    expect(driver.session.log).toEqual(["getData /zookeeper/config"]);
  });

  it.each([{}, { joining: ["a"], members: ["b"] }, { joining: [], leaving: [], members: [] }])(
    "refuses %j: it is either a change or the whole",
    async (options) => {
      expect(await rejection(opened.client.reconfig(options))).toMatchObject({
        code: "INVALID_ARGUMENT",
        op: "reconfig",
      });
      expect(opened.driver.session.log).toEqual([]);
    },
  );
});
