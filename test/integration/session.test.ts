import { ClosedError, type ConnectionState, connect, SessionExpiredError } from "@quorate/core";
import type { FaultProxy } from "@quorate/testing";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";
import { ask, proxyTo } from "../support/wire.ts";

const { members } = inject("zookeeper");
const [server = ""] = members;

let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await proxyTo(server);
});

afterEach(async () => {
  await proxy.close();
});

const hex = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`;

describe("a session", () => {
  test("is the server's: its id, its timeout, its ephemerals; gone with close()", async () => {
    const client = await connect(server, { sessionTimeoutMs: 6000 });
    const { id, negotiatedTimeoutMs } = client.session;
    expect(negotiatedTimeoutMs).toBe(6000);
    const path = await ownPath(client);
    await client.create(`${path}/mine`, null, { mode: "ephemeral" });
    expect(await ask(server, "cons")).toMatch(new RegExp(`sid=${hex(id)},.*to=6000,`));
    expect(await ask(server, "dump")).toMatch(new RegExp(`${hex(id)}:\\n\\t${path}/mine\\n`));
    await client.close();
    expect(await ask(server, "cons")).not.toContain(hex(id));
    expect(await ask(server, "dump")).not.toContain(hex(id));
  });

  // Ticks are of 500 ms: the servers give 2 to 20 of them.
  test.each([
    [100, 1000],
    [2345, 2345],
    [60_000, 10_000],
  ])("asked for %i ms lasts what the server grants: %i ms", async (sessionTimeoutMs, granted) => {
    await using client = await connect(server, { sessionTimeoutMs });
    const { session } = client;
    expect(session.negotiatedTimeoutMs).toBe(granted);
    const leftMs = session.validUntil - performance.now();
    expect(leftMs).toBeLessThanOrEqual(granted * 0.75);
    await using cautious = await connect(server, { sessionTimeoutMs: granted, sessionMarginMs: granted / 2 });
    expect(cautious.session.validUntil - performance.now()).toBeLessThanOrEqual(granted / 2);
  });

  test("lives on while nothing is asked, and moves its deadline on", async () => {
    await using client = await connect(proxy.connectString, { sessionTimeoutMs: 1000 });
    const { session } = client;
    const { requests } = proxy.stats();
    const longAfter = performance.now() + 2500;
    await eventually(() => session.validUntil > longAfter);
    expect(client.session).toBe(session);
    expect(session.signal.aborted).toBe(false);
    expect(proxy.stats().requests).toBe(requests);
    expect(proxy.stats().connections).toBe(1);
  });

  test("survives its connection, and keeps its ephemerals", async () => {
    await using client = await connect(proxy.connectString);
    const { session } = client;
    const path = await ownPath(client);
    await client.create(`${path}/mine`, null, { mode: "ephemeral" });
    for (let round = 0; round < 3; round++) {
      proxy.cut();
      expect(await session.ephemerals(path)).toEqual([`${path}/mine`]);
    }
    expect(client.session).toBe(session);
    expect(session.signal.aborted).toBe(false);
  });
});

test("what is asked of a closed session is refused, and its signal tells why", async () => {
  const client = await connect(server);
  const { session } = client;
  const path = await ownPath(client);
  await client.close();
  expect(session.signal.aborted).toBe(true);
  expect(session.signal.reason).toBeInstanceOf(ClosedError);
  for (const call of [session.get(path), session.create(`${path}/late`), client.get(path), session.whenConnected()]) {
    expect(await failureOf(call)).toBeInstanceOf(ClosedError);
  }
});

test("what is asked of a lost session is refused and never replayed; the client goes on in the next one", async () => {
  await using client = await connect(proxy.connectString, { sessionTimeoutMs: 1000, operationTimeoutMs: 20_000 });
  await using observer = await connect(server);
  const first = client.session;
  const path = await ownPath(observer);
  await client.sync(path);
  await first.create(`${path}/mine`, null, { mode: "ephemeral" });
  const states: ConnectionState[] = [];
  const following = (async () => {
    for await (const state of client.states()) states.push(state);
  })();

  proxy.mode = "refuse";
  proxy.cut();
  await eventually(() => client.state === "suspended");
  const pinned = failureOf(first.create(`${path}/pinned`));
  const free = client.create(`${path}/free`);
  await eventually(() => first.signal.aborted);
  expect(first.signal.reason).toBeInstanceOf(SessionExpiredError);
  expect(performance.now()).toBeGreaterThanOrEqual(first.validUntil);
  proxy.mode = "pass";

  expect(await pinned).toMatchObject({ code: "SESSION_EXPIRED", op: "create", path: `${path}/pinned` });
  expect(await failureOf(first.get(path))).toMatchObject({ code: "SESSION_EXPIRED", outcome: "not-applied" });
  expect((await free).path).toBe(`${path}/free`);
  const next = await client.whenConnected();
  expect(next.id).not.toBe(first.id);
  await observer.sync(path);
  await eventually(async () => (await observer.children(path)).join() === "free");
  await client.close();
  await following;
  expect(states).toEqual(["connected", "suspended", "lost", "connected", "closed"]);
});
