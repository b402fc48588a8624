import { type Client, connect, InvalidArgumentError, type Session } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { FaultProxy } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf, shown } from "../support/failures.ts";
import { proxyTo, traffic } from "../support/wire.ts";

const { members } = inject("zookeeper");

let proxy: FaultProxy;
let client: Client;

beforeAll(async () => {
  proxy = await proxyTo(members[0]);
  client = await connect(proxy.connectString);
});

afterAll(async () => {
  await client?.close();
  await proxy?.close();
});

type Zk = Client | Session;

/** What a program without types, or with values from elsewhere, may hand in. */
const anything = (value: unknown): never => value as never;

interface Bad {
  /** Shown in the error's message. */
  readonly value: string;
  readonly call: (zk: Zk) => unknown;
}

const bad = (value: string, call: Bad["call"]): Bad => ({ value, call });

const badPaths: readonly [path: unknown, offence: string][] = [
  ["", "does not start with /"],
  ["relative", "does not start with /"],
  ["/a/", "ends with /"],
  ["//", "ends with /"],
  ["/a//b", "has an empty component"],
  ["/a/./b", "has a relative component"],
  ["/a/..", "has a relative component"],
  ["/nul\u0000", "contains a character ZooKeeper forbids"],
  ["/control\u001f", "contains a character ZooKeeper forbids"],
  ["/private\ue000", "contains a character ZooKeeper forbids"],
  ["/pair🦓", "contains a character ZooKeeper forbids"],
  ["/lone\ud800", "contains a character ZooKeeper forbids"],
  [undefined, "is not a string but undefined"],
  [7, "is not a string but number"],
];

const pathCalls: Readonly<Record<string, (zk: Zk, path: string) => unknown>> = {
  create: (zk, path) => zk.create(path, "data"),
  get: (zk, path) => zk.get(path),
  set: (zk, path) => zk.set(path, "data"),
  delete: (zk, path) => zk.delete(path),
  "recursive delete": (zk, path) => zk.delete(path, { recursive: true }),
  exists: (zk, path) => zk.exists(path),
  children: (zk, path) => zk.children(path),
  getAcl: (zk, path) => zk.getAcl(path),
  setAcl: (zk, path) => zk.setAcl(path, [{ perms: 31, id: { scheme: "world", id: "anyone" } }]),
  sync: (zk, path) => zk.sync(path),
  countDescendants: (zk, path) => zk.countDescendants(path),
  "transaction check": (zk, path) => zk.transaction().check(path),
  "transaction create": (zk, path) => zk.transaction().create(path),
  "transaction set": (zk, path) => zk.transaction().set(path, "data"),
  "transaction delete": (zk, path) => zk.transaction().delete(path),
};

const clientPathCalls: Readonly<Record<string, (zk: Client, path: string) => unknown>> = {
  ...pathCalls,
  watch: (zk, path) => zk.watch(path),
  cache: (zk, path) => zk.cache(path),
  Mutex: (zk, path) => new Mutex(zk, path),
};

/** As messages show a value: texts in quotes. */
const inMessages = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value));

const openAcl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
const badArguments: readonly Bad[] = [
  ...[-2, 1.5, Number.NaN, 2 ** 31, "1"].flatMap((version) => [
    bad(String(version), (zk) => zk.set("/a", "top-secret", { version: anything(version) })),
    bad(String(version), (zk) => zk.delete("/a", { version: anything(version) })),
    bad(String(version), (zk) => zk.delete("/a", { version: anything(version), recursive: true })),
    bad(String(version), (zk) => zk.setAcl("/a", openAcl, { version: anything(version) })),
    bad(String(version), (zk) => zk.transaction().check("/a", anything(version))),
    bad(String(version), (zk) => zk.transaction().set("/a", "top-secret", { version: anything(version) })),
    bad(String(version), (zk) => zk.transaction().delete("/a", { version: anything(version) })),
  ]),
  ...[42, true, {}, ["top-secret"]].flatMap((data) => [
    bad(typeof data, (zk) => zk.create("/a", anything(data))),
    bad(typeof data, (zk) => zk.set("/a", anything(data))),
    bad(typeof data, (zk) => zk.transaction().set("/a", anything(data))),
  ]),
  ...[[], undefined, "world:anyone", {}].map((acl) => bad("no entries", (zk) => zk.setAcl("/a", anything(acl)))),
  bad("no entries", (zk) => zk.create("/a", "top-secret", { acl: [] })),
  ...[-1, 32, 1.5, "31"].map((perms) =>
    bad(`perms ${perms}`, (zk) => zk.setAcl("/a", [{ ...openAcl[0], perms } as never])),
  ),
  ...[undefined, {}, { scheme: "" }, { scheme: "digest" }].map((id) =>
    bad("acl entry 1", (zk) => zk.create("/a", "top-secret", { acl: anything([...openAcl, { perms: 31, id }]) })),
  ),
  bad('"eternal"', (zk) => zk.create("/a", "top-secret", { mode: anything("eternal") })),
  bad('"toString"', (zk) => zk.transaction().create("/a", null, { mode: anything("toString") })),
  ...[0, -1, 1.5, Number.NaN, 2 ** 40, "1000"].map((ttlMs) =>
    bad(`ttlMs ${inMessages(ttlMs)}`, (zk) => zk.create("/a", "top-secret", { ttlMs: anything(ttlMs) })),
  ),
  ...(["ephemeral", "ephemeral-sequential", "container"] as const).map((mode) =>
    bad(mode, (zk) => zk.create("/a", "top-secret", { ttlMs: 1000, mode })),
  ),
  bad("sequential", (zk) => zk.create("/a", "top-secret", { protected: true })),
  bad("sequential", (zk) => zk.create("/a", "top-secret", { protected: true, mode: "ephemeral" })),
  bad('"containers"', (zk) => zk.create("/a/b", "top-secret", { parents: anything("containers") })),
  ...[-1, Number.NaN, "100"].flatMap((timeoutMs) => [
    bad(`timeoutMs ${inMessages(timeoutMs)}`, (zk) => zk.get("/a", { timeoutMs: anything(timeoutMs) })),
    bad(`timeoutMs ${inMessages(timeoutMs)}`, (zk) =>
      zk.create("/a/b", "x", { timeoutMs: anything(timeoutMs), parents: true }),
    ),
    bad(`timeoutMs ${inMessages(timeoutMs)}`, (zk) =>
      zk.delete("/a", { timeoutMs: anything(timeoutMs), recursive: true }),
    ),
  ]),
  ...["now", {}, new AbortController()].map((signal) =>
    bad("signal", (zk) => zk.get("/a", { signal: anything(signal) })),
  ),
];

interface BadForClients {
  readonly value: string;
  readonly call: (zk: Client) => unknown;
}

const badOfClients = (value: string, call: BadForClients["call"]): BadForClients => ({ value, call });

const badClientArguments: readonly BadForClients[] = [
  ...badArguments,
  badOfClients("reconfig", (zk) => zk.reconfig({})),
  badOfClients("reconfig", (zk) => zk.reconfig({ leaving: [1], members: ["server.1=a:1:2;3"] })),
  badOfClients('"digest"', (zk) => zk.addAuth({ scheme: "digest", username: "", password: "top-secret" })),
  badOfClients('"digest"', (zk) => zk.addAuth({ scheme: "digest", username: "a", password: "" })),
  badOfClients("colon", (zk) => zk.addAuth({ scheme: "digest", username: "a:top", password: "top-secret" })),
  badOfClients("sasl", (zk) => zk.addAuth({ scheme: "sasl", username: "a", password: "top-secret" })),
  badOfClients("mode", (zk) => zk.watch("/a", { mode: anything("deep") })),
  badOfClients('"list"', (zk) => zk.cache("/a", { mode: anything("list") })),
  ...[-1, "100"].map((timeoutMs) =>
    badOfClients(`timeoutMs ${inMessages(timeoutMs)}`, (zk) =>
      new Mutex(zk, "/a").acquire({ timeoutMs: anything(timeoutMs) }),
    ),
  ),
];

/** Whether the call is rejected or throws before anything could come from a server. */
async function failsAtOnce(call: () => unknown): Promise<Error> {
  let settled = false;
  const failing = failureOf(async () => await call()).finally(() => {
    settled = true;
  });
  failing.catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(true);
  return await failing;
}

async function sendsNothing(run: () => Promise<void>): Promise<void> {
  expect((await traffic(proxy, run)).requests).toEqual({});
}

async function refusesPaths(call: (path: string) => unknown): Promise<void> {
  await sendsNothing(async () => {
    for (const [path, offence] of badPaths) {
      const error = await failsAtOnce(() => call(anything(path)));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", retryable: false });
      expect(error.message).toContain(`${typeof path === "string" ? JSON.stringify(path) : "path"} ${offence}`);
    }
  });
}

async function refusesArguments<T extends Zk>(
  zk: T,
  calls: readonly { readonly value: string; readonly call: (zk: T) => unknown }[],
): Promise<void> {
  for (const { value, call } of calls) {
    const error = await failsAtOnce(() => call(zk));
    expect(error, call.toString()).toBeInstanceOf(InvalidArgumentError);
    expect(error.message).toContain(value);
    expect(shown(error)).not.toContain("top-secret");
  }
}

describe("nothing is sent for", () => {
  test.each(Object.entries(clientPathCalls))("a client's bad paths: %s", (_method, call) =>
    refusesPaths((path) => call(client, path)),
  );

  test.each(Object.entries(pathCalls))("a session's bad paths: %s", (_method, call) =>
    refusesPaths((path) => call(client.session, path)),
  );

  test("a client's other bad arguments, each named", () =>
    sendsNothing(() => refusesArguments(client, badClientArguments)));

  test("a session's other bad arguments, each named", () =>
    sendsNothing(() => refusesArguments(client.session, badArguments)));
});

test("without a server to ask, bad arguments are told at once all the same", async () => {
  await using own = await proxyTo(members[0]);
  await using lonely = await connect(own.connectString);
  own.mode = "refuse";
  own.cut();
  await eventually(() => lonely.state === "suspended");
  await refusesArguments(lonely, badClientArguments);
});

describe("connect refuses, and dials nobody", () => {
  const server = (): string => proxy.connectString;

  async function refused(servers: unknown, options: object = {}): Promise<Error> {
    const before = proxy.stats().connections;
    const error = await failsAtOnce(() => connect(anything(servers), options));
    expect(error, JSON.stringify(servers)).toBeInstanceOf(InvalidArgumentError);
    expect(shown(error)).not.toContain("top-secret");
    expect(proxy.stats().connections).toBe(before);
    return error;
  }

  test.each([
    ["", '""'],
    ["  ", '"  "'],
    ["/only/chroot", '""'],
    [",", '""'],
    ["HOST,", '""'],
    ["HOST,,HOST", '""'],
    [":2181", '":2181"'],
    ["host:port", '"host:port"'],
    ["host:0", "port 0"],
    ["host:65536", "port 65536"],
    ["host:2181:2182", '"host:2181:2182"'],
    ["http://host:2181", '"http:"'],
    ["[::1", '"[::1"'],
    ["host name:2181", '"host name:2181"'],
    ["me:top-secret@host:2181", "with an @"],
    ["HOST/app/", '"/app/"'],
    ["HOST//app", '"//app"'],
    ["HOST/a/../b", '"/a/../b"'],
  ])("the connect string %j", async (servers, named) => {
    expect((await refused(servers.replaceAll("HOST", server()))).message).toContain(named);
  });

  test.each([undefined, null, 2181, ["host:2181"]])("%j for a connect string", async (servers) => {
    await refused(servers);
  });

  const numbers = [
    "sessionTimeoutMs",
    "connectTimeoutMs",
    "attemptTimeoutMs",
    "operationTimeoutMs",
    "sessionMarginMs",
    "maxRequestBytes",
  ];
  test.each(
    numbers.flatMap((name) => [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "10"].map((value) => ({ name, value }))),
  )("the option $name: $value", async ({ name, value }) => {
    const { message } = await refused(server(), { [name]: value });
    expect(message).toContain(name);
    expect(message).toContain(String(value));
  });

  test.each([
    [{ retry: { retries: -1 } }, "retry.retries"],
    [{ retry: { minDelayMs: Number.NaN } }, "retry.minDelayMs"],
    [{ acl: [] }, "acl"],
    [{ acl: [{ perms: 99, id: { scheme: "world", id: "anyone" } }] }, "perms 99"],
    [{ auth: { scheme: "digest", username: "jo" } }, "password"],
    [{ auth: { scheme: "digest", username: "", password: "top-secret" } }, "username"],
    [{ auth: { scheme: "digest", username: "a:b", password: "top-secret" } }, "colon"],
    [{ auth: { scheme: "", credential: "top-secret" } }, "scheme"],
    [{ auth: [{ scheme: "sasl", username: "jo", password: "" }] }, "password"],
    [{ tls: "yes" }, "tls"],
    [{ tls: { cert: "not a certificate: top-secret", key: "top-secret" } }, "tls"],
    [{ signal: "now" }, "signal"],
  ])("the options %o", async (options, named) => {
    expect((await refused(server(), options)).message).toContain(named);
  });
});

test("setServers refuses a bad list and keeps the one it has", async () => {
  const error = await failsAtOnce(() => client.setServers("host:0"));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(await client.exists("/")).toBeDefined();
});
