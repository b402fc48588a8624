import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { type Client, connect } from "@quorate/core";
import { ServiceRegistry, sticky } from "@quorate/registry";
import { createDispatcher, type ServiceDispatcher } from "@quorate/registry/undici";
import { Agent, getGlobalDispatcher, request, setGlobalDispatcher, fetch as undiciFetch } from "undici";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";

const { members } = inject("zookeeper");
let client: Client;
let registry: ServiceRegistry;
let dispatcher: ServiceDispatcher;
const backends: Backend[] = [];

/** A real HTTP server, registered; answers with its name unless told otherwise. */
class Backend {
  readonly name: string;
  readonly seen: string[] = [];
  status = 200;
  #server: Server | undefined;

  constructor(name: string) {
    this.name = name;
    backends.push(this);
  }

  get port(): number {
    const { port } = (this.#server ?? expect.fail("it does not listen")).address() as AddressInfo;
    return port;
  }

  async listen(): Promise<this> {
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server === undefined ? resolve(undefined) : this.#server.close(resolve)));
    this.#server = undefined;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk as string;
    this.seen.push(`${incoming.method} ${incoming.url}${body === "" ? "" : ` ${body}`}`);
    if (incoming.url === "/hang") return;
    if (incoming.url === "/break") {
      outgoing.write("half");
      setTimeout(() => outgoing.destroy(), 10);
      return;
    }
    outgoing.writeHead(this.status).end(this.name);
  }
}

beforeEach(async () => {
  client = await connect(members[0] as string);
  registry = new ServiceRegistry(client, { basePath: `/registry-${randomUUID()}` });
  dispatcher = createDispatcher(registry);
});

afterEach(async () => {
  await dispatcher.close();
  await client.close();
  for (const backend of backends.splice(0)) await backend.close();
});

/** Backends registered as instances of `orders`, and seen by whoever discovers. */
async function serving(...names: readonly string[]): Promise<Backend[]> {
  const started = await Promise.all(names.map((name) => new Backend(name).listen()));
  await Promise.all(
    started.map(({ name, port }) => registry.register({ name: "orders", id: name, address: "127.0.0.1", port })),
  );
  return started;
}

/** A port that refuses connections. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The global `fetch` and undici's own take the dispatcher alike. */
type Fetch = (url: string, init?: object) => Promise<{ status: number; text(): Promise<string> }>;
const fetches: [string, Fetch][] = [
  ["the global fetch", fetch as Fetch],
  ["undici's fetch", undiciFetch as Fetch],
];

describe.each(fetches)("%s", (_name, anyFetch) => {
  const get = async (path: string, init: object = {}): Promise<string> =>
    (await anyFetch(`http://orders.service${path}`, { dispatcher, ...init })).text();

  test("reaches the instances in turn, with path, query, method and body", async () => {
    const [a, b] = (await serving("a", "b")) as [Backend, Backend];
    const answers = [
      await get("/orders/1?x=1"),
      await get("/orders/2"),
      await get("/orders/3"),
      await get("/orders/4"),
    ];
    expect(answers.sort()).toEqual(["a", "a", "b", "b"]);
    expect([...a.seen, ...b.seen].sort()).toEqual([
      "GET /orders/1?x=1",
      "GET /orders/2",
      "GET /orders/3",
      "GET /orders/4",
    ]);
    await get("/new", { method: "POST", body: "hello" });
    expect([...a.seen, ...b.seen]).toContain("POST /new hello");
  });

  test("tries another where none takes the connection, leaving that one out", async () => {
    await dispatcher.close();
    dispatcher = createDispatcher(registry, { ejection: { failures: 1 } });
    const [a] = (await serving("a")) as [Backend];
    await registry.register({ name: "orders", id: "gone", address: "127.0.0.1", port: await closedPort() });
    for (let i = 0; i < 6; i++) expect(await get("/", { method: "POST", body: `${i}` })).toBe("a");
    expect(a.seen).toEqual([0, 1, 2, 3, 4, 5].map((i) => `POST / ${i}`));
  });

  test("instances that answer 500 are left out; a request that was sent is not sent again", async () => {
    const [a, b] = (await serving("a", "b")) as [Backend, Backend];
    a.status = 503;
    for (let i = 0; i < 30; i++) await get("/");
    expect(a.seen.length).toBe(5);
    expect(b.seen.length).toBe(25);
  });

  test("a connection that breaks in the middle of an answer is a failure", async () => {
    await dispatcher.close();
    dispatcher = createDispatcher(registry, { ejection: { failures: 1 } });
    const [a, b] = (await serving("a", "b")) as [Backend, Backend];
    await expect(get("/break")).rejects.toThrow();
    const [broken, sound] = a.seen.length > 0 ? [a, b] : [b, a];
    for (let i = 0; i < 4; i++) expect(await get("/")).toBe(sound.name);
    expect(broken.seen).toEqual(["GET /break"]);
  });

  test("given up by the caller is not the instance's failure", async () => {
    await dispatcher.close();
    dispatcher = createDispatcher(registry, { ejection: { failures: 1 } });
    const [a, b] = (await serving("a", "b")) as [Backend, Backend];
    for (let i = 0; i < 2; i++) {
      const controller = new AbortController();
      const waiting = get("/hang", { signal: controller.signal });
      await eventually(() => a.seen.length + b.seen.length > i);
      controller.abort();
      await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    }
    expect(new Set([await get("/"), await get("/")])).toEqual(new Set(["a", "b"]));
  });

  test("without an instance it fails and says so; with one it works again", async () => {
    await expect(get("/")).rejects.toMatchObject({ cause: { code: "NO_INSTANCE" } });
    await serving("a");
    await eventually(async () => (await get("/").catch(() => "")) === "a");
  });

  test("every instance down: the connection's own error", async () => {
    await registry.register({ name: "orders", address: "127.0.0.1", port: await closedPort() });
    await expect(get("/")).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });

  test("other hosts go where they say", async () => {
    const backend = await new Backend("plain").listen();
    const response = await anyFetch(`http://127.0.0.1:${backend.port}/x`, { dispatcher });
    expect(await response.text()).toBe("plain");
  });
});

describe("a dispatcher", () => {
  test("for undici's request, and as the global one", async () => {
    await serving("a");
    const { body } = await request("http://orders.service/x", { dispatcher });
    expect(await body.text()).toBe("a");
    const before = getGlobalDispatcher();
    setGlobalDispatcher(dispatcher);
    try {
      expect(await (await fetch("http://orders.service/y")).text()).toBe("a");
      expect(await (await undiciFetch("http://orders.service/z")).text()).toBe("a");
    } finally {
      setGlobalDispatcher(before);
    }
    const own = await dispatcher.request({ origin: "http://orders.service", path: "/own", method: "GET" });
    expect(await own.body.text()).toBe("a");
  });

  test("follows the instances, drained ones too, and goes below an instance's own path", async () => {
    const [a, b] = (await serving("a", "b")) as [Backend, Backend];
    const ask = async (): Promise<string> => (await undiciFetch("http://orders.service/x", { dispatcher })).text();
    await ask();
    const c = await new Backend("c").listen();
    const registration = await registry.register({
      name: "orders",
      address: "127.0.0.1",
      port: c.port,
      uriSpec: "{scheme}://{address}:{port}/base/",
    });
    await eventually(async () => (await ask()) === "c");
    expect(c.seen).toEqual(["GET /base/x"]);
    await registration.update({ enabled: false });
    await eventually(async () => {
      const before = c.seen.length;
      for (let i = 0; i < 4; i++) await ask();
      return c.seen.length === before;
    });
    expect(a.seen.length + b.seen.length).toBeGreaterThan(4);
  });

  test("a key, a suffix and what counts as failure are the caller's", async () => {
    await dispatcher.close();
    dispatcher = createDispatcher(registry, {
      strategy: sticky(),
      keyOf: ({ path }) => path,
      suffix: ".internal",
      isFailure: (status) => status === 418,
      ejection: { failures: 1 },
    });
    const [a, b, c] = (await serving("a", "b", "c")) as [Backend, Backend, Backend];
    const ask = async (path: string): Promise<string> =>
      (await undiciFetch(`http://orders.internal${path}`, { dispatcher })).text();
    const first = await ask("/1");
    for (let i = 0; i < 4; i++) expect(await ask("/1")).toBe(first);
    const bound = [a, b, c].find(({ name }) => name === first) ?? expect.fail("none");
    bound.status = 500;
    await ask("/1");
    expect(await ask("/1")).toBe(first);
    bound.status = 418;
    await ask("/1");
    expect(await ask("/1")).not.toBe(first);
  });

  test("closed it leaves no view, lets go of what it was given, and refuses", async () => {
    await serving("a");
    const agent = new Agent();
    const given = createDispatcher(registry, { dispatcher: agent });
    expect(await (await undiciFetch("http://orders.service/", { dispatcher: given })).text()).toBe("a");
    await given.close();
    await given.close();
    await expect(undiciFetch("http://orders.service/", { dispatcher: given })).rejects.toMatchObject({
      cause: { code: "CLOSED" },
    });
    expect(agent.closed).toBe(false);
    await agent.close();
    const destroyed = createDispatcher(registry);
    await destroyed.destroy();
    await new Promise<void>((resolve) => void createDispatcher(registry).close(resolve));
    await new Promise<void>((resolve) => void createDispatcher(registry).destroy(null, resolve));
    expect(await failureOf(() => createDispatcher(registry, { attempts: 0 }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
