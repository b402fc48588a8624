import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Created } from "../../src/operations/znode-types.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { rejection, turns, watched } from "../support/turns.ts";

const name = "_c_uuid1-n-";
const options = { mode: "ephemeral-sequential", protected: true } as const;

let opened: Opened;

beforeEach(async () => {
  vi.useFakeTimers();
  opened = await openClient();
  opened.driver.tree.create("/l");
});

afterEach(async () => {
  await opened.client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function pause(): Promise<void> {
  await vi.advanceTimersByTimeAsync(100);
}

/** Serves whatever comes until it is done. */
async function finish(creating: Promise<Created>): Promise<Created> {
  const result = watched(creating);
  for (let round = 0; round < 20 && result.state === "pending"; round++) {
    await opened.driver.session.serve();
    await pause();
  }
  return result.promise;
}

describe("a protected create", () => {
  it("costs one request when all is well", async () => {
    const { client, driver } = opened;
    const creating = client.create("/l/n-", null, options);
    await driver.session.serve();
    expect(await creating).toMatchObject({ path: `/l/${name}0000000000`, stat: { ephemeralOwner: 1n } });
    expect(driver.session.log).toEqual([`create2 /l/${name}`]);
  });

  it.each(["client", "session"] as const)("of a %s finds its znode when the answer was lost", async (whose) => {
    const { client, driver } = opened;
    driver.tree.create("/l/_c_other-n-", 3, 9n);
    const creating = (whose === "client" ? client : client.session).create("/l/n-", null, options);
    await driver.session.loseAnswers();
    await driver.session.connect();
    const created = await finish(creating);
    expect(created).toMatchObject({ path: `/l/${name}0000000001`, stat: { ephemeralOwner: 1n } });
    expect(driver.tree.children("/l")).toHaveLength(2);
    // Behind a sync: the next server may lag behind the one that took the create.
    expect(driver.session.log).toEqual([
      `create2 /l/${name}`,
      "sync /l",
      "getChildren /l",
      `exists /l/${name}0000000001`,
    ]);
  });

  it("is made again when the request itself was lost", async () => {
    const { client, driver } = opened;
    const creating = client.create("/l/n-", null, options);
    await turns();
    await driver.session.disconnect();
    await driver.session.connect();
    expect((await finish(creating)).path).toBe(`/l/${name}0000000000`);
    expect(driver.tree.children("/l")).toEqual([`${name}0000000000`]);
  });

  it("is made anew when the one it finds belongs to an earlier session, which is dying", async () => {
    const { client, driver } = opened;
    const creating = client.create("/l/n-", null, options);
    await turns();
    await driver.session.loseAnswers();
    await driver.session.expire();
    await driver.session.connect();
    expect(await finish(creating)).toMatchObject({ path: `/l/${name}0000000001`, stat: { ephemeralOwner: 2n } });
    expect(driver.tree.children("/l")).toEqual([`${name}0000000001`]);
    expect(driver.session.log).toContain(`delete /l/${name}0000000000`);
  });

  it("does not mind that the dying one is gone before it is deleted", async () => {
    const { client, driver } = opened;
    const creating = watched(client.create("/l/n-", null, options));
    await turns();
    await driver.session.loseAnswers();
    await driver.session.expire();
    await driver.session.connect();
    await pause();
    await driver.session.serve(3);
    expect(driver.session.open.map(({ operation }) => operation.op)).toEqual(["delete"]);
    await driver.sessions[0]?.endAtServer();
    expect(await finish(creating.promise)).toMatchObject({ stat: { ephemeralOwner: 2n } });
    expect(driver.tree.children("/l")).toHaveLength(1);
  });

  it("takes a persistent znode of any session for its own", async () => {
    const { client, driver } = opened;
    const creating = client.create("/l/n-", null, { mode: "persistent-sequential", protected: true });
    await turns();
    await driver.session.loseAnswers();
    await driver.session.expire();
    await driver.session.connect();
    expect((await finish(creating)).path).toBe(`/l/${name}0000000000`);
    expect(driver.tree.children("/l")).toHaveLength(1);
  });

  it("goes on when the connection broke while parents were being made", async () => {
    const { client, driver } = opened;
    const creating = client.create("/x/y/n-", null, { ...options, parents: "container" });
    await driver.session.serve(1);
    await driver.session.disconnect();
    await driver.session.connect();
    expect((await finish(creating)).path).toBe(`/x/y/${name}0000000000`);
  });

  it("pinned to a session goes on through any number of losses, and leaves one znode", async () => {
    const { client, driver } = opened;
    const creating = watched(client.session.create("/l/n-", null, options));
    for (let loss = 0; loss < 20; loss++) {
      await pause();
      if (loss % 2 === 0) await driver.session.disconnect();
      else await driver.session.loseAnswers();
      await driver.session.connect();
    }
    await finish(creating.promise);
    expect(driver.tree.children("/l")).toHaveLength(1);
  });

  it("pinned to a session ends with it", async () => {
    const { client, driver } = opened;
    const creating = rejection(client.session.create("/l/n-", null, options));
    await driver.session.loseAnswers();
    await driver.session.expire();
    await pause();
    expect(await creating).toMatchObject({ code: "SESSION_EXPIRED", op: "sync" });
  });

  it("of a client rejects with the first loss when it cannot find out", async () => {
    await opened.client.close();
    opened = await openClient({ operationTimeoutMs: 300 });
    const creating = rejection(opened.client.create("/l/n-", null, options));
    await opened.driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(500);
    expect(await creating).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown", op: "create" });
  });

  it("of a client that never could be sent was not applied", async () => {
    await opened.client.close();
    opened = await openClient({ operationTimeoutMs: 300 });
    await opened.driver.session.disconnect();
    const creating = rejection(opened.client.create("/l/n-", null, options));
    await vi.advanceTimersByTimeAsync(300);
    expect(await creating).toMatchObject({ code: "CONNECTION_LOSS", outcome: "not-applied", op: "create" });
  });

  it("passes the server's refusals on", async () => {
    const { client, driver } = opened;
    const creating = rejection(client.create("/l/n-", null, options));
    await driver.session.refuse(ErrorCode.NO_AUTH);
    expect(await creating).toMatchObject({ code: "NO_AUTH", op: "create" });
  });

  it("stops at its bounds", async () => {
    const { client, driver } = opened;
    const creating = rejection(client.create("/l/n-", null, { ...options, timeoutMs: 500 }));
    await turns();
    await driver.session.disconnect();
    await vi.advanceTimersByTimeAsync(500);
    expect(await creating).toMatchObject({ code: "TIMEOUT", op: "create", path: "/l/n-", outcome: "unknown" });
    await driver.session.connect();
    await pause();
    expect(driver.session.log).toEqual([`create2 /l/${name}`]);
  });
});
