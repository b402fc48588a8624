import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerAddress } from "../../src/driver/driver.ts";
import { backoffMs } from "../../src/wire/backoff.ts";
import { ServerList, serverName } from "../../src/wire/server-list.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { advance, open, rejection, steadyRandom } from "./support/open-session.ts";
import { ScriptedServer, Sessions } from "./support/scripted-server.ts";

const [a, b, c] = ["a", "b", "c"].map((host) => ({ host, port: 2181 })) as [
  ServerAddress,
  ServerAddress,
  ServerAddress,
];

function round(list: ServerList): string[] {
  const names: string[] = [];
  for (let next = list.next(); next !== undefined; next = list.next()) names.push(next.address ?? next.server.host);
  return names;
}

describe("ServerList", () => {
  it("gives every server once for each round, shuffled anew", () => {
    const numbers = [0, 0, 0.5, 0.99];
    const random = { ...steadyRandom, float: () => numbers.shift() ?? 0 };
    const list = new ServerList([a, b, c], random);
    expect(round(list)).toEqual(["b", "c", "a"]);
    expect(round(list)).toEqual([]);
    list.startRound();
    expect(round(list)).toEqual(["a", "c", "b"]);
  });

  it("turns to the server that has just failed last", () => {
    const list = new ServerList([a, b, c], steadyRandom);
    list.startRound({ ...a });
    expect(round(list)).toEqual(["b", "c", "a"]);
  });

  it("tries the addresses of a name, and what is preferred, before the rest", () => {
    const list = new ServerList([a, b], steadyRandom);
    expect(list.next()?.server).toEqual(a);
    list.resolved(a, ["10.0.0.1", "10.0.0.2"]);
    list.prefer({ server: b, address: "10.0.0.3" });
    expect(round(list)).toEqual(["10.0.0.3", "10.0.0.1", "10.0.0.2", "b"]);
  });

  it("forgets what is no longer listed", () => {
    const list = new ServerList([a, b], steadyRandom);
    list.replace([c]);
    expect(round(list)).toEqual(["c"]);
    expect([a, { host: "c", port: 2182 }, { ...c }].map((server) => list.has(server))).toEqual([false, false, true]);
  });
});

describe("backoffMs", () => {
  const without = { ...steadyRandom, float: () => 0 };

  it("doubles from 50 ms to 1 s", () => {
    expect([1, 2, 3, 5, 6, 1000].map((rounds) => backoffMs(rounds, 60_000, without))).toEqual([
      50, 100, 200, 800, 1000, 1000,
    ]);
  });

  it("takes off up to one half", () => {
    expect(backoffMs(1, 60_000, { ...without, float: () => 0.5 })).toBe(37.5);
  });

  it("is at most a tenth of the session timeout", () => {
    expect(backoffMs(9, 1000, without)).toBe(100);
  });
});

describe("serverName", () => {
  it("brackets IPv6 addresses", () => {
    expect([serverName({ host: "::1", port: 2181 }), serverName(a)]).toEqual(["[::1]:2181", "a:2181"]);
  });
});

describe("setServers", () => {
  const listed = ["10.0.0.1", "10.0.0.2"].map((host) => ({ host, port: 2181 })) as [ServerAddress, ServerAddress];
  let network: MemoryNetwork;
  let first: ScriptedServer;
  let second: ScriptedServer;

  beforeEach(() => {
    vi.useFakeTimers();
    network = new MemoryNetwork();
    const sessions = new Sessions();
    first = new ScriptedServer(network, { address: "10.0.0.1:2181", sessions });
    second = new ScriptedServer(network, { address: "10.0.0.2:2181", sessions });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("keeps a connection to a server that is still listed", async () => {
    const { session, events } = open(network, { servers: [listed[0]] });
    await advance(0);
    session.setServers([listed[1], { ...listed[0] }]);
    await advance(1000);
    expect(events.names).toEqual(["connected"]);
    await session.close();
  });

  it("moves the session from a server that is no longer listed", async () => {
    const { session, events } = open(network, { servers: [listed[0]] });
    await advance(0);
    first.onRequest = () => true;
    const inFlight = rejection(session.request({ op: "sync", path: "/" }));
    await advance(0);
    session.setServers([listed[1]]);
    expect(await inFlight).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
    await advance(0);
    expect(events.names).toEqual(["connected", "disconnected", "connected"]);
    expect(second.connection.handshake?.sessionId).toBe(events.all("connected")[0]?.sessionId);
    expect(first.connection.isGone).toBe(true);
    await session.close();
  });

  it.each<[string, (server: ScriptedServer) => void]>([
    ["waiting", (server) => void (server.reachable = "refuse")],
    ["connecting", (server) => void (server.reachable = "silent")],
    ["handshaking", (server) => void (server.onHandshake = () => true)],
  ])("is heeded at once while %s", async (_, script) => {
    script(first);
    const { session, events } = open(network, { servers: [listed[0]], attemptTimeoutMs: 60_000 });
    await advance(0);
    expect(events.names).not.toContain("connected");
    session.setServers([listed[1]]);
    await advance(0);
    expect(events.all("connected")).toMatchObject([{ server: listed[1] }]);
    expect(network.open).toBe(1);
    await session.close();
  });

  it("lets an attempt at a server that is still listed go on", async () => {
    first.reachable = "silent";
    const { session } = open(network, { servers: [listed[0]], attemptTimeoutMs: 60_000 });
    await advance(0);
    session.setServers([...listed]);
    await advance(0);
    expect(network.dialled).toEqual(["10.0.0.1:2181"]);
    await session.close();
  });
});
