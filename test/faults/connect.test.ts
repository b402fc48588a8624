import { type ConnectError, connect } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { BadServers, type Fault } from "./support/bad-servers.ts";
import { ending, statesOf } from "./support/follow.ts";
import { Routes } from "./support/routes.ts";
import { membersServing } from "./support/server-view.ts";
import { Ventriloquist } from "./support/ventriloquist.ts";
import { Worker } from "./support/worker.ts";
import type { Report } from "./workers/failing-connect.ts";

let ensemble: ZooKeeperEnsemble;
let bad: BadServers;

beforeAll(async () => {
  ensemble = await startEnsemble();
  bad = await BadServers.start();
});

afterAll(async () => {
  await bad?.[Symbol.asyncDispose]();
  await ensemble?.close();
});

/** What the client says of each. */
const causes: Readonly<Record<Fault, RegExp>> = {
  "closed port": /ECONNREFUSED/,
  resets: /ECONNRESET|closed the connection/,
  "hangs up": /closed the connection/,
  "black hole": /within 2000 ms/,
  HTTP: /frame|bytes/,
  "random bytes": /session|record|bytes/,
  "half a frame": /within 2000 ms/,
  "huge length": /frame|bytes/,
  "negative length": /frame|bytes/,
  "TLS alert": /speaks TLS/,
  "empty frames": /frame|bytes/,
  "no such host": /no-such-host\.invalid/,
};

test("nobody to talk to: rejects with every server and its reason, and the process ends by itself", async () => {
  await using worker = new Worker<Report>("failing-connect.ts", [], bad.connectString);
  await worker.ended;
  const [report] = worker.reports;
  expect(report).toMatchObject({ code: "CONNECT", resources: [] });
  const told = new Map(report?.attempts.map(({ server, cause }) => [server, cause]));
  for (const [fault, address] of bad.addresses) {
    expect(told.get(address), fault).toMatch(causes[fault]);
    expect(report?.message).toContain(address);
  }
  expect(told.size).toBe(bad.addresses.size);
  await eventually(() => bad.liveConnections === 0);
});

test("one server that works among all those that do not is found", async () => {
  const [member] = ensemble.members;
  const servers = `${bad.connectString},${member?.connectString}`;
  for (let round = 0; round < 3; round++) {
    await using client = await connect(servers, { attemptTimeoutMs: 1_000, connectTimeoutMs: 60_000 });
    expect(await membersServing(ensemble, client.session.id)).toEqual([member?.id]);
    await client.exists("/");
  }
  await eventually(() => bad.liveConnections === 0);
});

test("the time for it is up: rejects with the server it hangs at", async () => {
  const failed = await ending(connect(bad.address("black hole"), { connectTimeoutMs: 300 }));
  const cause = { code: "TIMEOUT" };
  const attempts = [{ server: bad.address("black hole"), cause }];
  expect(failed).toMatchObject({ error: { code: "CONNECT", cause, attempts } });
  const slow = await ending(connect(bad.address("black hole"), { attemptTimeoutMs: 100, connectTimeoutMs: 1_000 }));
  expect(slow).toMatchObject({ error: { attempts: [{ server: bad.address("black hole") }] } });
  await eventually(() => bad.liveConnections === 0);
});

test.each(["black hole", "closed port", "half a frame", "no such host"] as const)(
  "aborted by the caller, %s: rejects with that",
  async (fault) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const connecting = ending(connect(bad.address(fault), { signal: controller.signal, connectTimeoutMs: 60_000 }));
    if (fault !== "no such host" && fault !== "closed port") await eventually(() => bad.liveConnections > 0);
    controller.abort(reason);
    expect(await connecting).toMatchObject({ error: { code: "CONNECT", cause: { code: "ABORTED", cause: reason } } });
    await eventually(() => bad.liveConnections === 0);
    const signal = AbortSignal.abort(reason);
    expect(await ending(connect(bad.address(fault), { signal }))).toMatchObject({
      error: { cause: { code: "ABORTED" }, attempts: [] },
    });
  },
);

test("servers that come up while it tries are found, by name as by number", async () => {
  await using routes = await Routes.open(ensemble);
  routes.mode = "refuse";
  const byName = routes.connectString.replaceAll("127.0.0.1", "localhost");
  const connecting = connect(byName, { connectTimeoutMs: 60_000 });
  const before = await ending(connect(routes.connectString, { connectTimeoutMs: 2_000 }));
  expect((before as { readonly error: ConnectError }).error.attempts).toHaveLength(3);
  routes.mode = "pass";
  await using client = await connecting;
  expect(await membersServing(ensemble, client.session.id)).toHaveLength(1);
});

/** Frames: length, xid, zxid, error code, and what follows. */
const nonsense: readonly (readonly [string, string])[] = [
  ["a negative length", "ffffffff"],
  ["a length beyond all bounds", "7fffffff 00000000"],
  ["a frame too short for a header", "00000004 deadbeef"],
  ["an answer nobody asked for", "00000010 00001234 0000000000000001 00000000"],
  ["answers to pings never sent", "00000010 fffffffe 0000000000000001 00000000 ".repeat(3)],
  ["a watch event without a path", "00000014 ffffffff ffffffffffffffff 00000000 00000001"],
  [
    "a watch event with a path longer than its frame",
    "0000001c ffffffff ffffffffffffffff 00000000 00000001 00000003 00ffffff",
  ],
];

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

test.each(nonsense)(
  "connected, and then told nonsense, %s: the connection is made anew, the session goes on",
  async (_, hex) => {
    const [member] = ensemble.members;
    await using ventriloquist = await Ventriloquist.listen(member?.proxy.port ?? 0);
    await using client = await connect(ventriloquist.connectString, { sessionTimeoutMs: 10_000 });
    const { id } = client.session;
    const states = statesOf(client);
    ventriloquist.say(bytesOf(hex));
    await eventually(() => states.includes("suspended"));
    await client.whenConnected();
    expect(await client.exists("/")).toBeDefined();
    expect(client.session.id).toBe(id);
    expect(states).toEqual(["connected", "suspended", "connected"]);
    expect(await membersServing(ensemble, id)).toEqual([member?.id]);
  },
);

test("a watch event of an unknown type is passed over", async () => {
  const [member] = ensemble.members;
  await using ventriloquist = await Ventriloquist.listen(member?.proxy.port ?? 0);
  await using client = await connect(ventriloquist.connectString);
  const states = statesOf(client);
  // Type 77, state 3, path "/".
  ventriloquist.say(bytesOf("0000001d ffffffff ffffffffffffffff 00000000 0000004d 00000003 00000001 2f"));
  expect(await client.exists("/")).toBeDefined();
  await client.sync("/");
  expect(states).toEqual(["connected"]);
});
