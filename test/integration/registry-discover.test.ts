import { randomUUID } from "node:crypto";
import { type Client, connect } from "@quorate/core";
import {
  type InvalidEntry,
  leastLoaded,
  roundRobin,
  type Service,
  type ServiceChange,
  ServiceRegistry,
  sticky,
} from "@quorate/registry";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { watchersBelow } from "../support/watched-paths.ts";

const { members } = inject("zookeeper");
let client: Client;
let other: Client;
let basePath: string;
/** Discovers; the other registers. */
let registry: ServiceRegistry;
let theirs: ServiceRegistry;

beforeEach(async () => {
  client = await connect(members[0] as string);
  other = await connect(members[1] as string);
  basePath = `/registry-${randomUUID()}`;
  registry = new ServiceRegistry(client, { basePath });
  theirs = new ServiceRegistry(other, { basePath });
});

afterEach(async () => {
  await client.close();
  await other.close();
});

function portsOf(service: Pick<Service, "instances">): number[] {
  return service.instances.map(({ port }) => port ?? 0).sort((a, b) => a - b);
}

function wordsOf(service: Service): readonly string[] {
  const words: string[] = [];
  const word = (change: ServiceChange): string => {
    if (change.type === "snapshot") return `snapshot ${portsOf(change).join()}`;
    return `${change.type} ${change.instance.port}`;
  };
  void (async () => {
    for await (const change of service.watch()) words.push(word(change));
    words.push("end");
  })();
  return words;
}

describe("discover", () => {
  test("a view that is always current", async () => {
    await using first = await theirs.register({ name: "orders", address: "h", port: 1, payload: { v: 1 } });
    await client.sync(basePath);
    await using service = await registry.discover("orders");
    expect(service).toMatchObject({ name: "orders", stale: false, invalid: [] });
    expect(service.instances).toEqual([first.instance]);
    const words = wordsOf(service);
    const second = await theirs.register({ name: "orders", port: 2 });
    await eventually(() => expect(portsOf(service)).toEqual([1, 2]));
    await second.update({ port: 3 });
    await eventually(() => expect(portsOf(service)).toEqual([1, 3]));
    await second.close();
    await eventually(() => expect(portsOf(service)).toEqual([1]));
    await other.delete(first.instance.path);
    await eventually(() =>
      expect(words).toEqual(["snapshot 1", "added 2", "updated 3", "removed 3", "removed 1", "added 1"]),
    );
  });

  test("a service that is not there, nor anything above it, is an empty one that fills when it comes", async () => {
    await using service = await registry.discover("orders");
    expect([service.instances, service.pick(), service.stale]).toEqual([[], undefined, false]);
    expect(() => service.resolve()).toThrow(expect.objectContaining({ code: "NO_INSTANCE" }));
    expect(await failureOf(service.run(() => {}))).toMatchObject({ code: "NO_INSTANCE" });
    const waiting = service.waitFor({ atLeast: 2 });
    await theirs.register({ name: "orders", port: 1 });
    await theirs.register({ name: "orders", port: 2 });
    expect((await waiting).length).toBe(2);
    await other.delete(basePath, { recursive: true });
    await eventually(() => service.instances.length === 2 && service.instances.every(({ port }) => port !== undefined));
  });

  test("entries that cannot be understood are told and passed over; what becomes of them is followed", async () => {
    const told: InvalidEntry[] = [];
    const strict = new ServiceRegistry(client, { basePath, onInvalid: (entry) => told.push(entry) });
    await other.create(`${basePath}/orders/garbage`, "{secret", { parents: true });
    await other.create(`${basePath}/orders/empty`);
    await theirs.register({ name: "orders", id: "good", port: 1 });
    await client.sync(basePath);
    await using service = await strict.discover("orders");
    const words = wordsOf(service);
    expect(portsOf(service)).toEqual([1]);
    expect(service.invalid.map(({ path }) => path).sort()).toEqual([
      `${basePath}/orders/empty`,
      `${basePath}/orders/garbage`,
    ]);
    expect(told.length).toBe(2);
    expect(told.map(({ error }) => error.message).join()).not.toContain("secret");
    await other.set(`${basePath}/orders/garbage`, JSON.stringify({ name: "orders", id: "garbage", port: 2 }));
    await eventually(() => expect(portsOf(service)).toEqual([1, 2]));
    await other.set(`${basePath}/orders/garbage`, "null");
    await eventually(() => expect(portsOf(service)).toEqual([1]));
    await eventually(() => expect(words).toEqual(["snapshot 1", "added 2", "removed 2"]));
    expect(told.length).toBe(3);
  });

  test("a schema makes the payload's type; what does not fit is passed over", async () => {
    const schema = z.object({ zone: z.string(), weight: z.number().default(1) });
    const typed = new ServiceRegistry(client, { basePath, schema });
    await theirs.register({ name: "orders", port: 1, payload: { zone: "a" } });
    await theirs.register({ name: "orders", port: 2, payload: { zone: 7 } });
    await client.sync(basePath);
    await using service = await typed.discover("orders");
    expect(service.instances.map(({ payload }) => payload.weight)).toEqual([1]);
    expect(service.invalid.length).toBe(1);
    await using loose = await registry.discover("orders");
    expect(loose.instances.length).toBe(2);
  });

  test("filters", async () => {
    await theirs.register({ name: "orders", port: 1, payload: { zone: "a", version: "1" } });
    await theirs.register({ name: "orders", port: 2, payload: { metadata: { zone: "b", version: "2" } } });
    const moving = await theirs.register({ name: "orders", port: 3, payload: { zone: "b" } });
    await client.sync(basePath);
    await using inA = await registry.discover("orders", { filter: { zone: "a" } });
    await using second = await registry.discover("orders", { filter: { version: "2" } });
    await using odd = await registry.discover("orders", { filter: ({ port = 0 }) => port % 2 === 1 });
    expect([inA, second, odd].map(portsOf)).toEqual([[1], [2], [1, 3]]);
    expect(odd.pick({ filter: { zone: "b" } })?.port).toBe(3);
    expect(odd.pick({ filter: { zone: "c" } })).toBeUndefined();
    await moving.update({ payload: { zone: "a" } });
    await eventually(() => expect(portsOf(inA)).toEqual([1, 3]));
  });

  test("drained it stays in the view and is not picked", async () => {
    const drained = await theirs.register({ name: "orders", port: 1 });
    await theirs.register({ name: "orders", port: 2 });
    await client.sync(basePath);
    await using service = await registry.discover("orders");
    await drained.update({ enabled: false });
    await eventually(() => service.instances.some(({ enabled }) => !enabled));
    expect(portsOf(service)).toEqual([1, 2]);
    expect(new Set(Array.from({ length: 6 }, () => service.pick()?.port))).toEqual(new Set([2]));
    expect((await service.waitFor()).map(({ port }) => port)).toEqual([2]);
    expect(await failureOf(service.waitFor({ atLeast: 2, timeoutMs: 20 }))).toMatchObject({ code: "TIMEOUT" });
    await drained.update({ enabled: true });
    expect((await service.waitFor({ atLeast: 2 })).length).toBe(2);
  });

  test("strategies pick, what is reported ejects", async () => {
    const ports = [1, 2, 3, 4];
    for (const port of ports) await theirs.register({ name: "orders", id: `${port}`, port });
    await client.sync(basePath);
    await using even = await registry.discover("orders", { strategy: roundRobin(), ejection: { failures: 2 } });
    const round = (): number[] => ports.map(() => even.pick()?.port ?? 0).sort((a, b) => a - b);
    expect([round(), round()]).toEqual([ports, ports]);
    const failing = even.instances.find(({ port }) => port === 1) ?? expect.fail("no instance");
    even.report(failing, "failure");
    even.report(failing, "failure");
    expect(new Set([...round(), ...round()])).toEqual(new Set([2, 3, 4]));
    expect(portsOf(even)).toEqual(ports);
    expect(even.pick({ filter: ({ port }) => port === 1 })?.port).toBe(1);
    expect(await failureOf(() => even.report(failing, "bad" as "failure"))).toMatchObject({ code: "INVALID_ARGUMENT" });

    await using bound = await registry.discover("orders", { strategy: sticky() });
    const first = bound.pick({ key: "customer-1" });
    for (let i = 0; i < 5; i++) expect(bound.pick({ key: "customer-1" })).toBe(first);

    await using least = await registry.discover("orders", {
      strategy: leastLoaded(),
      filter: ({ port = 0 }) => port < 3,
    });
    const [a, b] = [least.pick(), least.pick()];
    expect(a?.port).not.toBe(b?.port);
    least.report(a ?? expect.fail("none"), "success");
    expect(least.pick()?.port).toBe(a?.port);

    await using forgiving = await registry.discover("orders", { ejection: false });
    for (let i = 0; i < 50; i++) forgiving.report(failing, "failure");
    expect(new Set(ports.map(() => forgiving.pick()?.port)).size).toBe(4);
  });

  test("run: calls a picked instance and reports how it went", async () => {
    await theirs.register({ name: "orders", port: 1 });
    await theirs.register({ name: "orders", port: 2 });
    await client.sync(basePath);
    await using service = await registry.discover("orders", { ejection: { failures: 1 } });
    expect([10, 20]).toContain(await service.run(({ port }) => (port ?? 0) * 10));
    const failure = new Error("down");
    const call = ({ port }: { port: number | undefined }): number => {
      if (port === 1) throw failure;
      return 2;
    };
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => service.run(call)));
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([{ status: "rejected", reason: failure }]);
    expect(await service.run(call)).toBe(2);
  });

  test("one cache and one watch at the server, however many discover however much; gone with the last", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `service-${index}`);
    await Promise.all(names.map((name, port) => theirs.register({ name, port: port + 1 })));
    await client.sync(basePath);
    const services = await Promise.all([...names, ...names].map((name) => registry.discover(name)));
    const list = await registry.services();
    expect(list.names).toEqual([...names].sort());
    expect(services.map((service) => portsOf(service)[0])).toEqual([...names, ...names].map((_, i) => (i % 40) + 1));
    const mine = await watchesOf(client);
    expect(mine).toEqual([basePath]);
    await Promise.all([...services.slice(0, 79), list].map((each) => each.close()));
    await theirs.register({ name: "service-39", port: 100 });
    await eventually(() => expect(portsOf(services[79] as Service)).toEqual([40, 100]));
    expect(services[0]?.stale).toBe(true);
    await registry.close();
    await eventually(async () => expect(await watchesOf(client)).toEqual([]));
  });

  test("services: the names, and what becomes of them", async () => {
    await using list = await registry.services();
    expect(list.names).toEqual([]);
    const words: string[] = [];
    const controller = new AbortController();
    const reading = (async () => {
      for await (const change of list.watch({ signal: controller.signal })) {
        words.push(change.type === "snapshot" ? `snapshot ${change.names.join()}` : `${change.type} ${change.name}`);
      }
    })();
    await theirs.register({ name: "b" });
    await theirs.register({ name: "a" });
    await eventually(() => expect(list.names).toEqual(["a", "b"]));
    await theirs.close();
    await other.delete(`${basePath}/b`);
    await eventually(() => expect(words).toEqual(["snapshot ", "added b", "added a", "removed b"]));
    controller.abort();
    await reading;
  });

  test("closed: watching finishes, waiting rejects, what is known can still be read", async () => {
    await theirs.register({ name: "orders", port: 1 });
    await client.sync(basePath);
    const service = await registry.discover("orders");
    const second = await registry.discover("orders");
    const words = wordsOf(service);
    const waiting = failureOf(service.waitFor({ atLeast: 5 }));
    await eventually(() => words.length === 1);
    await service.close();
    await service.close();
    expect(await waiting).toMatchObject({ code: "CLOSED" });
    await eventually(() => expect(words).toEqual(["snapshot 1", "end"]));
    expect([portsOf(service), service.stale, second.stale]).toEqual([[1], true, false]);
    const others = wordsOf(second);
    await client.close();
    await eventually(() => expect(others.at(-1)).toBe("end"));
    expect([portsOf(second), second.stale, second.pick()?.port]).toEqual([[1], true, 1]);
    expect(await failureOf(second.waitFor({ atLeast: 2 }))).toMatchObject({ code: "CLOSED" });
    expect(await failureOf(registry.discover("orders"))).toMatchObject({ code: "CLOSED" });
  });

  test("what can never work is refused; what was given up leaves no watch", async () => {
    for (const name of ["", "a/b", ".", ".."]) {
      expect(await failureOf(registry.discover(name))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    const wrong = [{ strategy: "random" }, { ejection: { failures: 0 } }, { timeoutMs: -1 }];
    for (const options of wrong as never[]) {
      expect(await failureOf(registry.discover("orders", options))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect(await failureOf(registry.discover("orders", { signal: AbortSignal.abort() }))).toMatchObject({
      code: "ABORTED",
    });
    await using service = await registry.discover("orders");
    expect(await failureOf(service.waitFor({ atLeast: -1 }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await service.waitFor({ atLeast: 0 })).toEqual([]);
    const controller = new AbortController();
    const waiting = failureOf(service.waitFor({ signal: controller.signal }));
    controller.abort();
    expect(await waiting).toMatchObject({ code: "ABORTED" });
    await service.close();
    await eventually(async () => expect(await watchesOf(client)).toEqual([]));
  });
});

/** The paths this session watches, by its server's word. */
async function watchesOf({ session }: Client): Promise<readonly string[]> {
  const watchers = await watchersBelow([members[0] as string], basePath);
  return [...watchers].filter(([, sessions]) => sessions.has(session.id)).map(([path]) => path);
}
