import { type Client, connect } from "@quorate/core";
import type { EmbeddedServer } from "@quorate/testing";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { eventually } from "../../../../test/support/eventually.ts";
import { failureOf, shown } from "../../../../test/support/failures.ts";
import { ConfigWatcher, type InvalidConfig } from "../../src/index.ts";
import { clientOf, startServer } from "../support/servers.ts";

const schema = z.object({ port: z.number(), tags: z.array(z.string()).default([]) });
const path = "/config/app";

let server: EmbeddedServer;
let client: Client;
let other: Client;

beforeEach(async () => {
  server = await startServer();
  client = await clientOf(server);
  other = await clientOf(server);
});

function stored(): Promise<unknown> {
  return other.get(path).then(({ data }) => JSON.parse(Buffer.from(data ?? []).toString()) as unknown);
}

describe("opening", () => {
  test("gives the validated value with where it is from", async () => {
    const { stat } = await other.create(path, '{"port": 1}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema });
    expect(config.value).toEqual({ port: 1, tags: [] });
    expect(config.version).toEqual({
      value: { port: 1, tags: [] },
      source: "server",
      mzxid: stat.mzxid,
      version: 0,
      time: new Date(Number(stat.mtime)),
      author: undefined,
      stale: false,
      ageMs: 0,
    });
    expect([config.stale, config.ageMs, config.missing, config.invalid, config.path]).toEqual([
      false,
      0,
      false,
      undefined,
      path,
    ]);
  });

  test("gives the default while there is no znode, and while there is nothing in it", async () => {
    await using config = await ConfigWatcher.open(client, path, { schema, default: { port: 9 } });
    expect(config.version).toMatchObject({ value: { port: 9, tags: [] }, source: "default", version: -1, mzxid: 0n });
    expect(config.missing).toBe(true);
    await other.create(path, null, { parents: true });
    await other.set(path, '{"port": 1}');
    await eventually(() => config.value.port === 1);
    expect([config.version.source, config.missing]).toEqual(["server", false]);
    await other.set(path, "");
    await eventually(() => config.value.port === 9);
    await other.set(path, '{"port": 2}');
    await eventually(() => config.value.port === 2);
    await other.delete(path);
    await eventually(() => config.value.port === 9 && config.missing);
  });

  test("waits for a znode that is missing, and for something in it", async () => {
    const opening = ConfigWatcher.open(client, path, { schema });
    let isOpen = false;
    void opening.then(() => {
      isOpen = true;
    });
    await other.create(path, null, { parents: true });
    await client.sync("/");
    await client.exists("/");
    expect(isOpen).toBe(false);
    await other.set(path, '{"port": 5}');
    await using config = await opening;
    expect(config.value.port).toBe(5);
  });

  test.each([
    ["timeoutMs", "TIMEOUT"],
    ["signal", "ABORTED"],
    ["client", "CLOSED"],
  ])("stops waiting: %s", async (how, code) => {
    const controller = new AbortController();
    const own = await connect(server.connectString);
    const opening = failureOf(
      ConfigWatcher.open(own, path, { signal: controller.signal, ...(how === "timeoutMs" && { timeoutMs: 30 }) }),
    );
    await eventually(() => server.stats.watches === 1);
    if (how === "signal") controller.abort(new Error("enough"));
    if (how === "client") await own.close();
    expect((await opening).code).toBe(code);
    await eventually(() => server.stats.watches === 0);
    await own.close();
  });

  test("rejects if what is there is invalid, saying what, and leaves nothing behind", async () => {
    const { stat } = await other.create(path, '{"port": "hunter2"}', { parents: true });
    const error = await failureOf(ConfigWatcher.open(client, path, { schema, default: { port: 1 } }));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: "schema", version: 0, mzxid: stat.mzxid, path });
    expect(error).toMatchObject({ issues: [{ path: ["port"] }] });
    expect(shown(error)).not.toContain("hunter2");
    await eventually(() => server.stats.watches === 0);
  });

  test("rejects if the znode may not be read", async () => {
    await other.addAuth({ scheme: "digest", username: "owner", password: "secret" });
    await other.create(path, "{}", { parents: true, acl: [{ perms: 31, id: { scheme: "auth", id: "" } }] });
    await expect(ConfigWatcher.open(client, path)).rejects.toMatchObject({ code: "NO_AUTH" });
  });

  test.each([
    ["no-slash", {}, "INVALID_ARGUMENT"],
    [path, { codec: "xml" }, "INVALID_ARGUMENT"],
    [path, { schema: {} }, "INVALID_ARGUMENT"],
    [path, { snapshotFile: "" }, "INVALID_ARGUMENT"],
    [path, { snapshotAfterMs: -1 }, "INVALID_ARGUMENT"],
    [path, { history: 0 }, "INVALID_ARGUMENT"],
    [path, { history: { keep: 2.5 } }, "INVALID_ARGUMENT"],
    ["/", { history: 5 }, "INVALID_ARGUMENT"],
    [path, { timeoutMs: -1 }, "INVALID_ARGUMENT"],
    [path, { schema, default: { port: "x" } }, "CONFIG_INVALID"],
  ])("refuses %s with %o", async (where, options, code) => {
    await expect(ConfigWatcher.open(client, where, options as never)).rejects.toMatchObject({ code });
    expect(server.stats.watches).toBe(0);
  });

  test("the value's type is the schema's, or the codec's", async () => {
    await other.create(path, '{"port": 1}', { parents: true });
    await using byZod = await ConfigWatcher.open(client, path, { schema, default: { port: 1 } });
    expectTypeOf(byZod.value).toEqualTypeOf<{ port: number; tags: string[] }>();
    expectTypeOf(byZod.set).parameter(0).toEqualTypeOf<{ port: number; tags?: string[] | undefined }>();
    await using byValibot = await ConfigWatcher.open(client, path, { schema: v.object({ port: v.number() }) });
    expectTypeOf(byValibot.value).toEqualTypeOf<{ port: number }>();
    await using byArktype = await ConfigWatcher.open(client, path, { schema: type({ port: "number" }) });
    expectTypeOf(byArktype.value).toEqualTypeOf<{ port: number }>();
    await using plain = await ConfigWatcher.open(client, path);
    expectTypeOf(plain.value).toEqualTypeOf<unknown>();
    await using text = await ConfigWatcher.open(client, path, { codec: "text", default: "x" });
    expectTypeOf(text.value).toEqualTypeOf<string>();
    await using bytes = await ConfigWatcher.open(client, path, { codec: "bytes" });
    expectTypeOf(bytes.value).toEqualTypeOf<Uint8Array>();
    const codec = { decode: () => 5, encode: (value: number) => String(value) };
    await using own = await ConfigWatcher.open(client, path, { codec });
    expectTypeOf(own.value).toEqualTypeOf<number>();
    for await (const version of byZod.watch()) {
      expectTypeOf(version.value.tags).toEqualTypeOf<string[]>();
      break;
    }
    expect([byValibot.value, byArktype.value, plain.value, text.value, own.value]).toEqual([
      { port: 1 },
      { port: 1 },
      { port: 1 },
      '{"port": 1}',
      5,
    ]);
  });
});

describe("following", () => {
  test("watch() gives the version now and each newer one, and finishes with its signal, close() and the client", async () => {
    await other.create(path, '{"port": 0}', { parents: true });
    const config = await ConfigWatcher.open(client, path, { schema });
    const seen: number[] = [];
    const read = async (signal?: AbortSignal): Promise<void> => {
      for await (const { value } of config.watch({ signal })) seen.push(value.port);
    };
    const controller = new AbortController();
    const readings = [read(controller.signal), read()];
    await eventually(() => seen.length === 2);
    await other.set(path, '{"port": 1}');
    await eventually(() => seen.length === 4);
    controller.abort();
    await readings[0];
    await config.close();
    await readings[1];
    expect(seen).toEqual([0, 0, 1, 1]);
    await config.close();
    expect([config.value.port, config.stale]).toEqual([1, true]);
    await eventually(() => server.stats.watches === 0);

    const second = await ConfigWatcher.open(client, path, { schema });
    const third = (async () => {
      for await (const _ of second.watch()) await client.close();
    })();
    await third;
    expect(second.stale).toBe(true);
    await second.close();
  });

  test("a slow reader gets the newest and nothing that was overtaken", async () => {
    await other.create(path, '{"port": 0}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema });
    const versions = config.watch();
    expect((await versions.next()).value?.value.port).toBe(0);
    for (let port = 1; port <= 20; port++) await other.set(path, JSON.stringify({ port }));
    await eventually(() => config.value.port === 20);
    expect((await versions.next()).value?.value.port).toBe(20);
    await versions.return?.();
  });

  test("an invalid change is reported and never seen; the next good one is", async () => {
    await other.create(path, '{"port": 1}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema });
    const invalid: InvalidConfig[] = [];
    const changes: number[] = [];
    const off = config.on("invalid", (event) => invalid.push(event));
    config.on("change", ({ value }) => changes.push(value.port));
    const { mzxid } = await other.set(path, '{"port": "hunter2"}');
    await eventually(() => invalid.length === 1);
    expect(invalid[0]).toMatchObject({ reason: "schema", version: 1, mzxid, issues: [{ path: ["port"] }] });
    expect(config.invalid).toBe(invalid[0]);
    expect([config.value.port, config.version.version, config.stale]).toEqual([1, 0, false]);
    await other.set(path, "{hunter2");
    await eventually(() => invalid.length === 2);
    expect(invalid[1]).toMatchObject({ reason: "undecodable", version: 2 });
    expect(shown(invalid)).not.toContain("hunter2");
    await other.set(path, '{"port": 2}');
    await eventually(() => config.value.port === 2);
    expect([config.invalid, changes]).toEqual([undefined, [2]]);
    off();
    await other.set(path, "!");
    await eventually(() => config.invalid !== undefined);
    expect(invalid).toHaveLength(2);
  });

  test("nothing that is logged shows what the znode holds", async () => {
    const lines: string[] = [];
    const log = (message: string, details?: object): void => void lines.push(`${message} ${shown(details)}`);
    const own = await clientOf(server, { logger: { debug: log, info: log, warn: log, error: log } });
    await other.create(path, '{"port": 1}', { parents: true });
    await using config = await ConfigWatcher.open(own, path, { schema: v.object({ port: v.number() }) });
    await other.set(path, '{"port": "hunter2"}');
    await eventually(() => config.invalid !== undefined);
    expect(lines.join("\n")).toContain("invalid");
    expect(lines.join("\n")).not.toContain("hunter2");
  });

  test("without a default the last good value outlives its znode, and a new one replaces it", async () => {
    await other.create(path, '{"port": 1}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema });
    let isMissing = 0;
    config.on("missing", () => isMissing++);
    await other.delete(path);
    await eventually(() => config.missing);
    expect([config.value.port, isMissing]).toEqual([1, 1]);
    await other.create(path, '{"port": 1}');
    await eventually(() => !config.missing);
    expect(config.version.mzxid).toBeGreaterThan(0n);
  });

  test("a znode deleted and created again at once is another version though its number is the same", async () => {
    await other.create(path, '{"port": 1}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema });
    const before = config.version;
    await other.transaction().delete(path).create(path, '{"port": 2}').commit();
    await eventually(() => config.value.port === 2);
    expect(config.version.version).toBe(before.version);
    expect(config.version.mzxid).toBeGreaterThan(before.mzxid);
  });

  test("the value cannot be changed, nor what the schema uses again and again", async () => {
    const defaults = { limits: { max: 1 } };
    const shared = z.object({ a: z.object({ b: z.number() }) }).transform(({ a }) => ({ a, defaults }));
    await other.create(path, '{"a": {"b": 1}}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema: shared });
    expect(() => {
      (config.value.a as { b: number }).b = 2;
    }).toThrow(TypeError);
    expect(Object.isFrozen(config.version)).toBe(true);
    expect(Object.isFrozen(defaults.limits)).toBe(false);
    expect(config.value.defaults).not.toBe(defaults);
  });

  test("each reader of bytes gets its own", async () => {
    await other.create(path, Uint8Array.of(1, 2), { parents: true });
    await using config = await ConfigWatcher.open(client, path, { codec: "bytes" });
    config.value[0] = 9;
    expect(config.value).toEqual(Uint8Array.of(1, 2));
  });

  test("a listener that throws keeps nobody else from hearing", async () => {
    await other.create(path, '{"port": 1}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema });
    const thrown = new Error("from a listener");
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const caught: unknown[] = [];
    process.on("uncaughtException", (error) => caught.push(error));
    try {
      config.on("change", () => {
        throw thrown;
      });
      const heard: number[] = [];
      config.on("change", ({ value }) => heard.push(value.port));
      await other.set(path, '{"port": 2}');
      await eventually(() => heard.length === 1 && caught.length === 1);
      expect(caught).toEqual([thrown]);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });

  test("an asynchronous schema is waited for; of the changes meanwhile only the newest is looked at", async () => {
    const looked: number[] = [];
    let release: () => void = () => {};
    const validate = async (value: unknown): Promise<StandardSchemaV1.Result<{ port: number }>> => {
      const { port } = value as { port: number };
      looked.push(port);
      if (port > 0) await new Promise<void>((resolve) => (release = resolve));
      return port === 13 ? { issues: [{ message: "unlucky" }] } : { value: { port } };
    };
    const slow: StandardSchemaV1<unknown, { port: number }> = { "~standard": { version: 1, vendor: "test", validate } };
    await other.create(path, '{"port": 0}', { parents: true });
    await using config = await ConfigWatcher.open(client, path, { schema: slow });
    await other.set(path, '{"port": 1}');
    await eventually(() => looked.length === 2);
    for (let port = 2; port <= 13; port++) await other.set(path, JSON.stringify({ port }));
    await client.exists(path);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await eventually(() => looked.at(-1) === 13);
    expect(config.value.port).toBe(1);
    release();
    await eventually(() => config.invalid !== undefined);
    expect([config.value.port, looked]).toEqual([1, [0, 1, 13]]);
  });
});

test("works under a chroot", async () => {
  await other.create(path, '{"port": 1}', { parents: true });
  await using rooted = await connect(`${server.connectString}${path}`);
  await using config = await ConfigWatcher.open(rooted, "/", { schema });
  await config.set({ port: 3 });
  expect(await stored()).toEqual({ port: 3 });
});
