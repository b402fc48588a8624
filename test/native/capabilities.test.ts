import { type Client, type ConnectOptions, connect, creatorAcl, type DriverSession, readAcl } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { Mutex } from "@quorate/lock";
import { native } from "@quorate/native";
import { EmbeddedServer } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf } from "../support/failures.ts";
import { observing } from "../support/observing.ts";

let server: EmbeddedServer;
let client: Client;
/** The driver's own, past the client. */
let session: DriverSession;

beforeAll(async () => {
  server = await EmbeddedServer.start();
  const { name, capabilities, open } = native();
  const driver = {
    name,
    capabilities,
    open: (...given: Parameters<typeof open>) => {
      session = open(...given);
      return session;
    },
  };
  client = await connect(server.connectString, { driver });
});

afterAll(async () => {
  await client?.close();
  await server?.stop();
});

const refused = { code: "UNSUPPORTED", message: expect.stringContaining("the default driver") };

describe("is rejected, and names the driver that can", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["a transaction", () => client.transaction().create("/t").commit()],
    ["a znode created with an ACL", () => client.create("/acl", "", { acl: creatorAcl })],
    ["an ACL read", () => client.getAcl("/")],
    ["whoAmI", () => client.whoAmI()],
    ["ephemerals", () => client.ephemerals()],
    ["countDescendants", () => client.countDescendants("/")],
    ["addWatch, past the client", () => session.request({ op: "addWatch", path: "/", mode: 0 })],
    ["removeWatches, past the client", () => session.request({ op: "removeWatches", path: "/", type: 3 })],
    ["multi, past the client", () => session.request({ op: "multi", operations: [] })],
    ["a missing node's ACL, past the client", () => session.request({ op: "getAcl", path: "/missing" })],
  ])("%s", async (_what, ask) => {
    expect(await failureOf(ask())).toMatchObject(refused);
    // And the process and its session go on.
    expect(await client.exists("/missing")).toBeUndefined();
  });

  test.each<[string, ConnectOptions]>([
    ["TLS", { tls: true }],
    ["SASL", { auth: { scheme: "sasl", username: "jo", password: "secret" } }],
    ["read-only mode", { readOnly: true }],
    ["a default ACL", { acl: readAcl }],
  ])("%s, before anything is dialled", async (_what, options) => {
    expect(await failureOf(connect(server.connectString, { driver: native(), ...options }))).toMatchObject(refused);
  });

  test("a lock with a delay, by its constructor", () => {
    expect(() => new Mutex(client, "/delayed", { lockDelayMs: 100 })).toThrow(expect.objectContaining(refused));
  });
});

test("a lease is held and given back; only its transactions are refused", async () => {
  await using lease = await new Mutex(client, "/lock").acquire();
  lease.assertHeld();
  expect(await failureOf(lease.transaction().create("/fenced").commit())).toMatchObject(refused);
  expect(lease.signal.aborted).toBe(false);
  await lease.release();
  expect(await client.children("/lock")).toEqual([]);
});

test("a leader leads; only its proclamations are refused", async () => {
  const latch = new LeaderLatch(client, "/leader", { id: "one" });
  await latch.run(async (term) => {
    term.assertHeld();
    expect(await failureOf(latch.proclaim("word"))).toMatchObject(refused);
  });
});

test("data is bytes, empty or null; nothing is taken for the text of it", async () => {
  for (const [data, found] of [
    [null, null],
    [undefined, null],
    ["", new Uint8Array(0)],
    ["null", Buffer.from("null")],
  ] as const) {
    const { path } = await client.create("/data-", data, { mode: "persistent-sequential" });
    const znode = await client.get(path);
    expect(znode.data === null ? null : Buffer.from(znode.data)).toEqual(found === null ? null : Buffer.from(found));
  }
});

test("a NUL in a path is refused, and cuts nothing short", async () => {
  expect(await failureOf(session.request({ op: "delete", path: "/lock\0x", version: -1 }))).toMatchObject({
    code: "BAD_ARGUMENTS",
  });
  expect(await client.exists("/lock")).toBeDefined();
});

test("more watched path bytes than one frame holds survive a reconnect", async () => {
  const paths = Array.from({ length: 1200 }, (_, index) => `/${String(index).padStart(1000, "w")}`);
  const seen = new Set<string>();
  const watches = paths.map((path) => client.watch(path));
  for (const watch of watches) {
    void (async () => {
      for await (const { type, path } of watch) if (type === "created") seen.add(path);
    })();
  }
  await Promise.all(watches.map(({ ready }) => ready));
  const { id } = client.session;
  await using other = await connect(server.connectString, observing);
  server.dropConnections({ sessionId: id });
  await Promise.all(paths.map((path) => other.create(path)));
  await expect.poll(() => seen.size, { timeout: 30_000 }).toBe(paths.length);
  expect(client.session.id).toBe(id);
  for (const watch of watches) await watch.close();
});
