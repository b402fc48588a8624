import { type Client, connect, wireDriver } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Seeded } from "../../../../test/faults/support/seeded.ts";
import { eventually } from "../../../../test/support/eventually.ts";
import { ConfigTree, ConfigWatcher } from "../../src/index.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Repeat one with QUORATE_SEED=n. */
const seeds =
  process.env["QUORATE_SEED"] === undefined
    ? Array.from({ length: 20 }, (_, seed) => seed + 1)
    : [Number(process.env["QUORATE_SEED"])];

let server: EmbeddedServer;
let client: Client;
let other: Client;

beforeEach(async () => {
  server = await EmbeddedServer.start({ listen: false });
  const open = (): Promise<Client> =>
    connect(server.connectString, { driver: wireDriver({ transport: server.transport }), sessionTimeoutMs: 4_000 });
  client = await open();
  other = await open();
});

afterEach(async () => {
  await client.close();
  await other.close();
  await server.stop();
});

/** Something that may go wrong for the client; the other one has its own connection. */
async function disturb(random: Seeded): Promise<void> {
  const { id } = client.session;
  const what = random.pick(["drop", "drop", "expire", "delay", "freeze"] as const);
  if (what === "drop") server.dropConnections({ sessionId: id });
  else if (what === "expire" && server.leaks().sessions.includes(id)) server.expireSession(id);
  else if (what === "delay") server.delay(Math.floor(random.between(0, 3)));
  else if (what === "freeze") {
    server.freeze();
    await new Promise((resolve) => setTimeout(resolve, 2));
    server.thaw();
  }
}

async function change(random: Seeded, paths: readonly string[]): Promise<void> {
  const path = random.pick(paths);
  const data = random.pick(["valid", "valid", "valid", "invalid", "empty"] as const);
  const text =
    data === "invalid" ? "{" : data === "empty" ? "" : JSON.stringify({ n: Math.floor(random.float() * 1e6) });
  try {
    await random.pick([
      () => other.set(path, text),
      () => other.set(path, text),
      () => other.create(path, text, { parents: true }),
      () => other.delete(path, { recursive: true }),
      () => other.transaction().delete(path).create(path, text).commit(),
    ])();
  } catch {
    // Not possible just now.
  }
}

async function storm(seed: number, paths: readonly string[]): Promise<void> {
  const random = new Seeded(seed);
  for (let round = 0; round < 60; round++) {
    if (random.float() < 0.25) await disturb(random);
    const changes = Array.from({ length: Math.floor(random.between(1, 5)) }, () => change(random, paths));
    if (random.float() < 0.7) await Promise.all(changes);
  }
  server.delay(0);
}

describe("after any sequence of changes and disconnections", () => {
  test.each(seeds)("a watcher has what the server has (seed %i)", async (seed) => {
    const path = "/config/app";
    const fallback = { n: -1 };
    await using config = await ConfigWatcher.open(client, path, { default: fallback });
    let newest = 0n;
    config.on("change", ({ mzxid, source }) => {
      if (source !== "server") return;
      expect(mzxid).toBeGreaterThan(newest);
      newest = mzxid;
    });
    await storm(seed, [path]);
    await eventually(async () => {
      const node = await other.get(path).catch(() => undefined);
      const text = Buffer.from(node?.data ?? []).toString();
      expect(config.stale).toBe(false);
      if (text === "{") {
        expect(config.invalid?.mzxid).toBe(node?.stat.mzxid);
        return true;
      }
      const expected = text === "" ? fallback : (JSON.parse(text) as unknown);
      expect([config.value, config.missing, config.invalid]).toEqual([expected, text === "", undefined]);
      return true;
    });
  });

  test.each(seeds)("a tree has what the server has (seed %i)", async (seed) => {
    const paths = ["/t", "/t/a", "/t/a/b", "/t/c", "/t/c/d", "/t/e"];
    await using tree = await ConfigTree.open(client, "/t", { default: {} });
    await storm(seed, paths);
    await eventually(async () => {
      expect(tree.stale).toBe(false);
      // A tree opened now by another client sees the same, or refuses the same.
      const fresh = await ConfigTree.open(other, "/t", { default: {} }).catch((error: { code: string }) => error.code);
      if (typeof fresh === "string") {
        expect([fresh, tree.invalid === undefined]).toEqual(["CONFIG_INVALID", false]);
        return true;
      }
      await fresh.close();
      expect([tree.value, tree.invalid]).toEqual([fresh.value, undefined]);
      return true;
    });
  });
});
