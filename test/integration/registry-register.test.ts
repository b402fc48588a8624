import { randomUUID } from "node:crypto";
import { type Client, connect } from "@quorate/core";
import { type Registration, ServiceRegistry } from "@quorate/registry";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";

const { members } = inject("zookeeper");
let client: Client;
let observer: Client;
let basePath: string;
let registry: ServiceRegistry;

beforeEach(async () => {
  client = await connect(members[0] as string);
  observer = await connect(members[1] as string);
  basePath = `/registry-${randomUUID()}`;
  registry = new ServiceRegistry(client, { basePath });
});

afterEach(async () => {
  await client.close();
  await observer.close();
});

interface Seen {
  readonly entry: Record<string, unknown>;
  readonly owner: bigint;
  readonly version: number;
  readonly czxid: bigint;
}

/** An entry as another member has it. */
async function seen(path: string): Promise<Seen | undefined> {
  await observer.sync(path);
  const node = await observer.get(path).catch(() => undefined);
  if (node === undefined) return undefined;
  const { ephemeralOwner: owner, version, czxid } = node.stat;
  return { entry: JSON.parse(Buffer.from(node.data ?? []).toString()) as Seen["entry"], owner, version, czxid };
}

function kindsOf(registration: Registration): string[] {
  const kinds: string[] = [];
  void (async () => {
    for await (const state of registration.states()) {
      kinds.push(state.kind === "absent" ? state.reason : state.kind);
    }
  })();
  return kinds;
}

describe("register", () => {
  test("writes Curator's entry at Curator's path, for as long as the registration is open", async () => {
    const before = Date.now();
    const registration = await registry.register({
      name: "orders",
      address: "10.0.0.1",
      port: 8080,
      sslPort: 8443,
      payload: { zone: "a" },
      uriSpec: "{scheme}://{address}:{port}",
    });
    const path = `${basePath}/orders/${registration.id}`;
    expect(registration).toMatchObject({ name: "orders", isPresent: true, state: { kind: "present", path } });
    expect(registration.instance.path).toBe(path);
    const found = await seen(path);
    expect(found).toMatchObject({ owner: client.session.id, version: 0 });
    expect(found?.entry).toEqual({
      name: "orders",
      id: registration.id,
      address: "10.0.0.1",
      port: 8080,
      sslPort: 8443,
      payload: { zone: "a" },
      registrationTimeUTC: expect.any(Number),
      serviceType: "DYNAMIC",
      uriSpec: {
        parts: [
          { value: "scheme", variable: true },
          { value: "://", variable: false },
          { value: "address", variable: true },
          { value: ":", variable: false },
          { value: "port", variable: true },
        ],
      },
    });
    expect(found?.entry["registrationTimeUTC"]).toBeGreaterThanOrEqual(before);
    expect(registration.id).toMatch(/^[0-9a-f-]{36}$/);
    await registration.close();
    await registration.close();
    await registration.unregister();
    expect(await seen(path)).toBeUndefined();
    expect(registration).toMatchObject({ isPresent: false, state: { kind: "closed" } });
    expect(await failureOf(registration.update({ port: 1 }))).toMatchObject({ code: "CLOSED" });
  });

  test("at the end of its block, and with the registry", async () => {
    const paths: string[] = [];
    {
      await using registration = await registry.register({ name: "orders" });
      paths.push(registration.instance.path);
    }
    const open = await Promise.all([1, 2, 3].map(() => registry.register({ name: "orders" })));
    paths.push(...open.map(({ instance }) => instance.path));
    await registry.close();
    await registry.close();
    for (const path of paths) expect(await seen(path)).toBeUndefined();
  });

  test("the address is that of the interface which reaches the ensemble", async () => {
    await using registration = await registry.register({ name: "orders", port: 1 });
    const { address } = registration.instance;
    expect(address).toBe(client.localAddress?.replace("::ffff:", ""));
    expect(address).toMatch(/^127\.|^::1$/);
    expect((await seen(registration.instance.path))?.entry["address"]).toBe(address);
  });

  test.each([
    ["DYNAMIC", true, true],
    ["STATIC", false, true],
    ["PERMANENT", false, false],
  ] as const)(
    "%s: whether it is the session's: %s; removed by close(): %s",
    async (serviceType, isOwned, isRemoved) => {
      const registration = await registry.register({ name: "orders", id: "1", serviceType });
      const found = await seen(`${basePath}/orders/1`);
      expect(found).toMatchObject({ owner: isOwned ? client.session.id : 0n, entry: { serviceType } });
      await registration.close();
      expect((await seen(`${basePath}/orders/1`)) === undefined).toBe(isRemoved);
    },
  );

  test("STATIC and PERMANENT outlive their process, and are taken over by the next, whose entry counts", async () => {
    for (const serviceType of ["STATIC", "PERMANENT"] as const) {
      const name = serviceType.toLowerCase();
      const gone = await connect(members[2] as string);
      await new ServiceRegistry(gone, { basePath }).register({ name, id: "1", port: 1, serviceType });
      await gone.close();
      expect(await seen(`${basePath}/${name}/1`)).toMatchObject({ entry: { port: 1 } });
      const next = await registry.register({ name, id: "1", port: 2, serviceType });
      await eventually(async () => (await seen(`${basePath}/${name}/1`))?.entry["port"] === 2);
      await next.update({ port: 3 });
      expect(await seen(`${basePath}/${name}/1`)).toMatchObject({ entry: { port: 3 } });
      await next.unregister();
      expect(await seen(`${basePath}/${name}/1`)).toBeUndefined();
    }
  });

  test("DYNAMIC_SEQUENTIAL: a name of its own each time, the id as given", async () => {
    const all = await Promise.all(
      [1, 2].map(() => registry.register({ name: "orders", id: "x", serviceType: "DYNAMIC_SEQUENTIAL" })),
    );
    const names = await observer.children(`${basePath}/orders`);
    expect(new Set(names).size).toBe(2);
    for (const { instance } of all) {
      expect(instance.path).toMatch(/-x\d{10}$/);
      expect(await seen(instance.path)).toMatchObject({ owner: client.session.id, entry: { id: "x" } });
    }
    await Promise.all(all.map((each) => each.close()));
    await observer.sync(basePath);
    expect(await observer.children(`${basePath}/orders`).catch(() => [])).toEqual([]);
  });

  test("update: in place, what is not mentioned stays", async () => {
    await using registration = await registry.register({ name: "orders", address: "a", port: 1, payload: { v: 1 } });
    const { path } = registration.instance;
    const before = await seen(path);
    await registration.update({ enabled: false });
    expect(await seen(path)).toMatchObject({ version: 1, czxid: before?.czxid, entry: { enabled: false, port: 1 } });
    await registration.update({ enabled: true, payload: { v: 2 }, sslPort: 2 });
    expect((await seen(path))?.entry).toEqual({ ...before?.entry, sslPort: 2, payload: { v: 2 } });
    await registration.update({ port: undefined, payload: undefined, address: "b", uriSpec: "x:{id}" });
    expect((await seen(path))?.entry).toMatchObject({ port: null, payload: null, address: "b", sslPort: 2 });
    expect(registration.instance).toMatchObject({ port: undefined, payload: undefined, address: "b", sslPort: 2 });
    await Promise.all([registration.update({ port: 4 }), registration.update({ sslPort: 5 })]);
    expect((await seen(path))?.entry).toMatchObject({ port: 4, sslPort: 5 });
  });

  test("an update that is refused leaves everything as it was, also for the time it is made again", async () => {
    await using registration = await registry.register({ name: "orders", port: 1 });
    const { path } = registration.instance;
    expect(await failureOf(registration.update({ payload: "x".repeat(2_000_000) }))).toMatchObject({
      code: "TOO_LARGE",
    });
    expect(await failureOf(registration.update({ port: 0 }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await failureOf(registration.update({ payload: 1n }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(registration.instance).toMatchObject({ port: 1, payload: undefined });
    const before = await seen(path);
    await observer.delete(path);
    const after = await eventually(() => seen(path));
    expect(after.entry).toEqual(before?.entry);
    await registration.update({ port: 2 });
    expect((await seen(path))?.entry).toMatchObject({ port: 2, payload: null });
  });

  test("deleted by someone else, or everything above it: made again, as it was last", async () => {
    await using registration = await registry.register({ name: "orders", port: 1 });
    const { path } = registration.instance;
    await registration.update({ port: 2 });
    for (const wipe of [path, basePath]) {
      const before = await seen(path);
      await observer.delete(wipe, { recursive: true });
      await eventually(async () => {
        const after = await seen(path);
        expect(after).toMatchObject({ owner: client.session.id, entry: { port: 2 } });
        return expect(after?.czxid).toBeGreaterThan(before?.czxid ?? 0n);
      });
    }
    await registration.close();
    expect(await seen(path)).toBeUndefined();
  });

  test("one left by a process that went is replaced, a persistent one is not", async () => {
    await observer.create(`${basePath}/orders/1`, "old", { mode: "ephemeral", parents: true });
    await using registration = await registry.register({ name: "orders", id: "1", port: 1 });
    expect(await seen(registration.instance.path)).toMatchObject({ owner: client.session.id, entry: { port: 1 } });
    await observer.create(`${basePath}/orders/2`, "{}");
    expect(await failureOf(registry.register({ name: "orders", id: "2" }))).toMatchObject({ code: "NODE_EXISTS" });
    expect((await seen(`${basePath}/orders/2`))?.entry).toEqual({});
  });

  test("the same id twice in one registry is refused, until the first is closed", async () => {
    const first = await registry.register({ name: "orders", id: "1" });
    expect(await failureOf(registry.register({ name: "orders", id: "1" }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    await first.close();
    await using second = await registry.register({ name: "orders", id: "1" });
    expect(second.isPresent).toBe(true);
  });

  test("only while the health check says so", async () => {
    let isHealthy = false;
    await using registration = await registry.register({
      name: "orders",
      healthCheck: { check: () => isHealthy, intervalMs: 10 },
    });
    const kinds = kindsOf(registration);
    expect(registration.state).toMatchObject({ kind: "absent", reason: "unhealthy" });
    expect(await seen(registration.instance.path)).toBeUndefined();
    isHealthy = true;
    await eventually(() => registration.isPresent);
    expect(await seen(registration.instance.path)).toBeDefined();
    isHealthy = false;
    await eventually(async () => (await seen(registration.instance.path)) === undefined);
    await registration.update({ port: 2 }, { timeoutMs: 10 }).catch(() => {});
    isHealthy = true;
    await eventually(async () => (await seen(registration.instance.path))?.entry["port"] === 2);
    await eventually(() => expect(kinds.slice(0, 4)).toEqual(["unhealthy", "present", "unhealthy", "present"]));
    await using simple = await registry.register({ name: "orders", healthCheck: async () => true });
    expect(simple.isPresent).toBe(true);
  });

  test("a payload that does not fit the schema is refused, before anything is written", async () => {
    const schema = z.object({ zone: z.string() });
    const typed = new ServiceRegistry(client, { basePath, schema });
    const wrong = { zone: 7 } as unknown as { zone: string };
    expect(await failureOf(typed.register({ name: "orders", payload: wrong }))).toMatchObject({
      code: "INVALID_ENTRY",
    });
    expect(await observer.exists(basePath)).toBeUndefined();
    await using registration = await typed.register({ name: "orders", payload: { zone: "a" } });
    expect(await failureOf(registration.update({ payload: wrong }))).toMatchObject({ code: "INVALID_ENTRY" });
    expect((await seen(registration.instance.path))?.entry["payload"]).toEqual({ zone: "a" });
    expect(registration.instance.payload.zone).toBe("a");
  });

  test("what can never work is refused", async () => {
    const wrong = [
      { name: "" },
      { name: "a/b" },
      { name: ".." },
      { name: "a", id: "" },
      { name: "a", id: "x/y" },
      { name: "a", port: 0 },
      { name: "a", port: 65_536 },
      { name: "a", sslPort: 1.5 },
      { name: "a", address: "" },
      { name: "a", serviceType: "dynamic" },
      { name: "a", uriSpec: "{port" },
      { name: "a", enabled: "yes" },
      { name: "a", payload: 1n },
      { name: "a", healthCheck: {} },
      { name: "a", timeoutMs: -1 },
    ] as unknown as Parameters<ServiceRegistry["register"]>[0][];
    for (const options of wrong) {
      expect(await failureOf(registry.register(options)), JSON.stringify(options, String)).toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
    expect(() => new ServiceRegistry(client, { basePath: "services" })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
    expect(await observer.exists(basePath)).toBeUndefined();
  });

  test("given up, it leaves nothing", async () => {
    const controller = new AbortController();
    const given = [
      failureOf(registry.register({ name: "orders", timeoutMs: 0 })),
      failureOf(registry.register({ name: "orders", signal: controller.signal })),
      failureOf(registry.register({ name: "orders", signal: AbortSignal.abort() })),
    ];
    controller.abort();
    expect((await Promise.all(given)).map(({ code }) => code)).toEqual(["TIMEOUT", "ABORTED", "ABORTED"]);
    await eventually(async () => {
      await observer.sync(basePath);
      return expect(await observer.children(`${basePath}/orders`).catch(() => [])).toEqual([]);
    });
    await client.close();
    expect(await failureOf(registry.register({ name: "orders" }))).toMatchObject({ code: "CLOSED" });
  });
});
