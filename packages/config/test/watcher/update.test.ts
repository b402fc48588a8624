import type { Client } from "@quorate/core";
import type { EmbeddedServer } from "@quorate/testing";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { failureOf, shown } from "../../../../test/support/failures.ts";
import { ConfigWatcher } from "../../src/index.ts";
import { clientOf, startServer } from "../support/servers.ts";

const schema = z.object({ n: z.number(), list: z.array(z.number()).optional() });
const path = "/config/app";

let server: EmbeddedServer;
let client: Client;
let other: Client;

beforeEach(async () => {
  server = await startServer();
  client = await clientOf(server);
  other = await clientOf(server);
});

async function open(initial: string | undefined = '{"n": 0}', history?: number) {
  if (initial !== undefined) await other.create(path, initial, { parents: true });
  return ConfigWatcher.open(client, path, { schema, default: { n: 100 }, history });
}

async function stored(): Promise<unknown> {
  return JSON.parse(Buffer.from((await other.get(path)).data ?? []).toString()) as unknown;
}

describe.each([undefined, 5])("with history %s", (history) => {
  const openIt = (initial?: string) => open(initial, history);

  test("a draft is changed, or another value returned", async () => {
    await using config = await openIt();
    const version = await config.update((draft) => {
      draft.n++;
      draft.list = [1];
    });
    expect(config.version).toEqual(version);
    expect(version).toMatchObject({ value: { n: 1, list: [1] }, version: 1, source: "server", stale: false });
    await config.update(async ({ n }) => ({ n: n + 1 }));
    expect([config.value, await stored()]).toEqual([{ n: 2 }, { n: 2 }]);
  });

  test("a draft left as it was is not written", async () => {
    await using config = await openIt();
    expect((await config.update((draft) => draft)).version).toBe(0);
    expect((await config.update(() => {})).version).toBe(0);
    expect((await other.exists(path))?.version).toBe(0);
  });

  test("what does not fit is refused before anything is sent", async () => {
    await using config = await openIt();
    for (const call of [
      () => config.update((draft) => Object.assign(draft, { n: "hunter2" })),
      () => config.set({ n: "hunter2" } as never),
      () => config.update(() => null as never),
    ]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ code: "CONFIG_INVALID", path, version: undefined });
      expect(shown(error)).not.toContain("hunter2");
    }
    expect((await other.exists(path))?.version).toBe(0);
  });

  test("what the function throws reaches the caller, and nothing is written", async () => {
    await using config = await openIt();
    const thrown = new Error("changed my mind");
    await expect(
      config.update(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect((await other.exists(path))?.version).toBe(0);
  });

  test("many writers at once lose no update", async () => {
    const configs = [await openIt()];
    for (let i = 0; i < 3; i++) {
      configs.push(await ConfigWatcher.open(await clientOf(server), path, { schema, history }));
    }
    await Promise.all(
      configs.flatMap((config) => Array.from({ length: 10 }, () => config.update((draft) => void draft.n++))),
    );
    expect(await stored()).toEqual({ n: 40 });
    await Promise.all(configs.map((config) => config.close()));
  });

  test("a missing znode is made over the default, with its parents; without a default that is an error", async () => {
    await using config = await ConfigWatcher.open(client, path, { schema, default: { n: 100 }, history });
    expect((await config.update((draft) => void draft.n++)).version).toBe(0);
    expect(await stored()).toEqual({ n: 101 });
    await using strict = await ConfigWatcher.open(client, path, { schema, history });
    await other.delete(path);
    await expect(strict.update(() => ({ n: 1 }))).rejects.toMatchObject({ code: "NO_NODE", path, op: "update" });
    expect(await other.exists(path)).toBeUndefined();
    await strict.set({ n: 5 });
    expect([await stored(), strict.value]).toEqual([{ n: 5 }, { n: 5 }]);
  });

  test("an update over something invalid is refused; set() replaces it", async () => {
    await using config = await openIt();
    const { mzxid } = await other.set(path, "{hunter2");
    const error = await failureOf(config.update(() => ({ n: 1 })));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: "undecodable", version: 1, mzxid });
    await config.set({ n: 7 });
    expect([config.value, config.invalid]).toEqual([{ n: 7 }, undefined]);
  });

  test("set() with ifVersion writes over that version alone", async () => {
    await using config = await openIt();
    await other.set(path, '{"n": 1}');
    await expect(config.set({ n: 5 }, { ifVersion: 0 })).rejects.toMatchObject({ code: "BAD_VERSION", path });
    expect((await config.set({ n: 5 }, { ifVersion: 1 })).version).toBe(2);
    await other.delete(path);
    await expect(config.set({ n: 6 }, { ifVersion: 2 })).rejects.toMatchObject({ code: "NO_NODE", path });
    await expect(config.set({ n: 6 }, { ifVersion: -1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", path });
  });

  test("bounds and closing are kept to", async () => {
    await using config = await openIt();
    await expect(config.update(() => ({ n: 1 }), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    await expect(config.set({ n: 1 }, { timeoutMs: -1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    server.freeze();
    // With history it is read first.
    const outcome = history === undefined ? "unknown" : "not-applied";
    await expect(config.set({ n: 1 }, { timeoutMs: 30 })).rejects.toMatchObject({ code: "TIMEOUT", outcome });
    server.thaw();
    await config.close();
    for (const call of [config.set({ n: 1 }), config.update(() => ({ n: 1 }))]) {
      await expect(call).rejects.toMatchObject({ code: "CLOSED", outcome: "not-applied" });
    }
  });

  test.each(["before", "after"] as const)("a request lost %s it was applied is written once", async (when) => {
    await using config = await openIt();
    const drop = server.failNext({ op: history === undefined ? "setData" : "multi", when });
    const version = await config.set({ n: 1 });
    expect(await drop.settled).toBe("dropped");
    expect([version.value, await stored(), version.version]).toEqual([{ n: 1 }, { n: 1 }, 1]);
    expect((await other.exists(path))?.version).toBe(1);
    expect(config.value).toEqual({ n: 1 });
  });
});

test("an update whose answer was lost is not made twice, and not claimed: another may have written the same", async () => {
  await using config = await open();
  server.failNext({ op: "setData", when: "after" });
  await expect(config.update((draft) => void draft.n++)).rejects.toMatchObject({
    code: "CONNECTION_LOSS",
    outcome: "unknown",
  });
  expect(await stored()).toEqual({ n: 1 });
});

test("an answer lost, and another write in between that did not apply it over: nothing is lost", async () => {
  await using config = await open();
  const drop = server.failNext({ op: "setData", when: "before" });
  void drop.settled.then(() => other.set(path, '{"n": 10}'));
  await config.update((draft) => void draft.n++);
  expect(await stored()).toEqual({ n: 11 });
});

test("where nobody can tell what became of a write the caller is told so", async () => {
  await using config = await open();
  const drop = server.failNext({ op: "setData", when: "after" });
  void drop.settled.then(async () => {
    server.dropConnections();
    server.expireSession(client.session.id);
  });
  await expect(config.set({ n: 5 }, { ifVersion: 0 })).rejects.toMatchObject({ outcome: "unknown" });
});

test("with history the same is found out", async () => {
  await using config = await open('{"n": 0}', 5);
  const drop = server.failNext({ op: "multi", when: "after" });
  void drop.settled.then(() => server.expireSession(client.session.id));
  expect((await config.update((draft) => void draft.n++)).value).toEqual({ n: 1 });
  expect((await other.exists(path))?.version).toBe(1);
});
