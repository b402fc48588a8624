import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerAddress } from "../../src/driver/driver.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { advance, open, openConnected, rejection, until } from "./support/open-session.ts";
import { ScriptedServer, Sessions } from "./support/scripted-server.ts";

const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
const three: readonly ServerAddress[] = addresses.map((host) => ({ host, port: 2181 }));

function ensemble(network: MemoryNetwork): ScriptedServer[] {
  const sessions = new Sessions();
  return addresses.map((host) => new ScriptedServer(network, { address: `${host}:2181`, sessions }));
}

describe("reconnecting", () => {
  let network: MemoryNetwork;

  beforeEach(() => {
    network = new MemoryNetwork();
  });

  it("resumes the session at another server, with its password and the last zxid of a reply", async () => {
    const servers = ensemble(network);
    const { session, events } = await openConnected(network, { servers: three });
    const first = servers.find(({ connections }) => connections.length === 1) as ScriptedServer;
    first.connection.zxid = 41n;
    await session.request({ op: "sync", path: "/" });
    // A failed read's header may carry no zxid.
    first.onRequest = ({ xid }, connection) => {
      connection.fail(xid, -101, -1n);
      return true;
    };
    await rejection(session.request({ op: "sync", path: "/" }));
    first.reachable = "refuse";
    first.connection.peer.close();
    await until(() => events.all("connected").length === 2);
    const second = servers.find((server) => server !== first && server.connections.length === 1) as ScriptedServer;
    const [before, after] = events.all("connected");
    expect(after).toMatchObject({ sessionId: before?.sessionId, negotiatedTimeoutMs: 6000, readOnly: false });
    expect(after?.server).not.toEqual(before?.server);
    expect(second.connection.handshake).toMatchObject({
      sessionId: before?.sessionId,
      passwd: new Uint8Array(second.sessions.passwords.get(before?.sessionId as bigint) ?? []),
      lastZxidSeen: 42n,
      timeOut: 6000,
    });
    expect(events.names).toEqual(["connected", "disconnected", "connected"]);
    await session.close();
  });

  it("rejects what is in flight before it tells that the connection is gone", async () => {
    const [server] = ensemble(network);
    const { session, events } = await openConnected(network);
    (server as ScriptedServer).onRequest = () => true;
    const order: string[] = [];
    events.disconnected = () => order.push("disconnected");
    const request = session.request({ op: "sync", path: "/" }).catch((error: unknown) => {
      order.push("rejected");
      expect(error).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown", path: "/" });
    });
    server?.connection.peer.close(new Error("ECONNRESET"));
    await request;
    await until(() => order.length === 2);
    expect(order).toEqual(["rejected", "disconnected"]);
    await session.close();
  });

  it("tries every server once before it pauses, and tells why each could not be had", async () => {
    const { session, events } = open(network, { servers: three });
    await until(() => events.all("attemptFailed").length >= 3);
    const tried = network.dialled.slice(0, 3);
    expect(tried.toSorted()).toEqual(addresses.map((host) => `${host}:2181`));
    expect(events.all("attemptFailed")[0]?.cause.message).toBe("ECONNREFUSED");
    await session.close();
  });

  it("goes on to the next server when one hangs up during the handshake, as one behind this client does", async () => {
    const servers = ensemble(network);
    for (const server of servers.slice(0, 2)) {
      server.onHandshake = ({ connection }) => {
        connection.peer.close();
        return true;
      };
    }
    const { session, events } = await openConnected(network, { servers: three });
    expect(events.all("connected")[0]?.server).toEqual(three[2]);
    for (const { cause } of events.all("attemptFailed")) expect(cause.message).toContain("before the handshake");
    await session.close();
  });

  it("is over when the server says that the session has expired", async () => {
    const servers = ensemble(network);
    const { session, events } = await openConnected(network, { servers: three });
    for (const server of servers) server.sessions.passwords.clear();
    servers.find(({ connections }) => connections.length === 1)?.connection.peer.close();
    await until(() => events.names.includes("expired"));
    expect(events.names).toEqual(["connected", "disconnected", "expired"]);
    expect(await rejection(session.request({ op: "sync", path: "/" }))).toMatchObject({
      code: "SESSION_EXPIRED",
      outcome: "not-applied",
    });
    expect(network.open).toBe(0);
    expect(network.dialled).toHaveLength(2);
    await session.close();
  });

  it("does not take another session for its own", async () => {
    const [server] = ensemble(network);
    const { session, events } = await openConnected(network);
    let isWrong = true;
    (server as ScriptedServer).onHandshake = ({ connection }) => {
      if (!isWrong) return false;
      connection.openSession({ sessionId: 99n });
      isWrong = false;
      return true;
    };
    server?.connection.peer.close();
    await until(() => events.all("connected").length === 2);
    expect(events.all("attemptFailed")[0]?.cause).toMatchObject({ code: "PROTOCOL" });
    expect(events.all("connected")[1]?.sessionId).toBe(events.all("connected")[0]?.sessionId);
    await session.close();
  });

  it("tries again when a server opens no session at all", async () => {
    const [server] = ensemble(network);
    let refusals = 2;
    (server as ScriptedServer).onHandshake = ({ connection }) => {
      if (refusals-- <= 0) return false;
      connection.openSession({ timeOut: 0, sessionId: 0n });
      return true;
    };
    const { session, events } = await openConnected(network);
    expect(events.all("attemptFailed")).toHaveLength(2);
    expect(events.names).not.toContain("expired");
    await session.close();
  });

  it.each([
    ["garbage", Buffer.from([0, 0, 0, 3, 1, 2, 3]), "early"],
    ["a TLS alert", Buffer.from([0x15, 3, 3, 0, 2, 2, 80]), "speaks TLS"],
    ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n"), "frame length"],
  ])("survives %s in place of a handshake", async (_, bytes, message) => {
    const [server] = ensemble(network);
    (server as ScriptedServer).onHandshake = ({ connection }) => {
      connection.peer.send(bytes.subarray(0, 1));
      connection.peer.send(bytes.subarray(1));
      return true;
    };
    const { session, events } = open(network);
    await until(() => events.all("attemptFailed").length === 2);
    const [failure] = events.all("attemptFailed");
    expect(failure?.cause).toMatchObject({ code: "PROTOCOL", message: expect.stringContaining(message) });
    expect(failure?.server).toEqual(three[0]);
    await session.close();
  });
});

describe("reconnecting in time", () => {
  let network: MemoryNetwork;

  beforeEach(() => {
    network = new MemoryNetwork();
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("pauses only after a full round, ever longer, at most a second", async () => {
    const { session } = open(network, { servers: three, sessionTimeoutMs: 60_000 });
    const rounds: number[] = [];
    let seen = 0;
    const startedAt = performance.now();
    for (let step = 0; step < 6000 && rounds.length < 9; step++) {
      await advance(1);
      if (network.dialled.length === seen) continue;
      expect(network.dialled.length - seen).toBe(3);
      seen = network.dialled.length;
      rounds.push(performance.now() - startedAt);
    }
    // The random source of the tests always takes off one half.
    const pauses = rounds.slice(1).map((at, index) => at - (rounds[index] as number));
    expect(pauses).toEqual([25, 50, 100, 200, 400, 500, 500, 500].map((ms) => expect.closeTo(ms, -1)));
    await session.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never pauses for more than a tenth of the session timeout", async () => {
    const { session } = open(network, { sessionTimeoutMs: 1000 });
    await advance(5000);
    expect(network.dialled.length).toBeGreaterThan(40);
    expect(network.dialled.length).toBeLessThan(210);
    await session.close();
  });

  it("pauses between calls of a server that hangs up right after each handshake", async () => {
    const server = new ScriptedServer(network);
    server.onHandshake = ({ connection }) => {
      connection.openSession();
      setTimeout(() => connection.peer.close(), 1);
      return true;
    };
    const { session, events } = open(network);
    await advance(5000);
    expect(events.all("disconnected").length).toBeGreaterThan(5);
    expect(events.all("disconnected").length).toBeLessThan(30);
    await session.close();
  });

  it("starts without a pause after a connection that had lasted", async () => {
    const server = new ScriptedServer(network);
    const { session, events } = open(network);
    await advance(0);
    for (let count = 2; count < 10; count++) {
      await advance(1500);
      server.connection.peer.close();
      await advance(0);
      expect(events.all("connected")).toHaveLength(count);
    }
    await session.close();
  });

  it("turns to another server first when a connection that had lasted breaks", async () => {
    const servers = ensemble(network);
    const { session, events } = open(network, { servers: three });
    await advance(0);
    for (let count = 1; count < 5; count++) {
      await advance(1500);
      const left = events.all("connected").at(-1)?.server;
      servers[three.indexOf(left as ServerAddress)]?.connection.peer.close();
      await advance(0);
      expect(events.all("connected").at(-1)?.server).not.toBe(left);
    }
    await session.close();
  });

  it("forgets earlier failures once a connection had lasted", async () => {
    const server = new ScriptedServer(network);
    server.reachable = "refuse";
    const { session } = open(network, { sessionTimeoutMs: 60_000 });
    await advance(5000);
    server.reachable = "open";
    await advance(2000);
    server.reachable = "refuse";
    const before = network.dialled.length;
    server.connection.peer.close();
    await advance(180);
    // At once, and after 25, 50 and 100 ms.
    expect(network.dialled.length - before).toBe(4);
    await session.close();
  });

  it("asks DNS anew for each round and tries all addresses of a name", async () => {
    network.names.set("zk.test", ["10.0.0.1", "10.0.0.2"]);
    const { session } = open(network, { servers: [{ host: "zk.test", port: 2181 }] });
    await advance(0);
    expect(network.dialled.toSorted()).toEqual(["10.0.0.1:2181", "10.0.0.2:2181"]);
    network.names.set("zk.test", ["10.0.0.3"]);
    new ScriptedServer(network, { address: "10.0.0.3:2181" });
    await advance(1000);
    expect(network.dialled.slice(2)).toEqual(["10.0.0.3:2181"]);
    expect(network.lookups).toEqual(["zk.test", "zk.test"]);
    await session.close();
  });

  it("leaves a name that DNS does not answer for after the attempt's time, and asks only once meanwhile", async () => {
    network.names.set("slow.test", "hangs");
    const servers = [{ host: "slow.test", port: 2181 }];
    const { session, events } = open(network, { servers, attemptTimeoutMs: 1000 });
    await advance(5000);
    expect(network.lookups).toEqual(["slow.test"]);
    expect(events.all("attemptFailed").length).toBeGreaterThan(3);
    expect(events.all("attemptFailed")[0]?.cause).toMatchObject({ code: "TIMEOUT" });
    session.setServers([...servers, { host: "10.0.0.1", port: 2181 }]);
    new ScriptedServer(network);
    await advance(2500);
    expect(events.names).toContain("connected");
    await session.close();
  });

  it("reports a name that does not exist or has no address", async () => {
    network.names.set("empty.test", []);
    const servers = [
      { host: "empty.test", port: 2181 },
      { host: "missing.test", port: 2181 },
    ];
    const { session, events } = open(network, { servers });
    await advance(10);
    const causes = events.all("attemptFailed").map(({ cause }) => cause.message);
    expect(causes.toSorted()).toEqual(["DNS knows no address of empty.test", "getaddrinfo ENOTFOUND missing.test"]);
    await session.close();
  });

  it.each(["connecting", "handshaking"])("gives up %s after the attempt's time", async (phase) => {
    const server = new ScriptedServer(network);
    if (phase === "connecting") server.reachable = "silent";
    server.onHandshake = () => true;
    const { session, events } = open(network, { attemptTimeoutMs: 700 });
    await advance(699);
    expect(events.names).toEqual([]);
    await advance(1);
    expect(events.all("attemptFailed")[0]?.cause).toMatchObject({ code: "TIMEOUT" });
    expect(network.open).toBe(0);
    await session.close();
  });

  it("bounds DNS, connection and handshake together", async () => {
    network.names.set("slow.test", ["10.0.0.1"]);
    const resolve = network.resolve.bind(network);
    network.resolve = async (host) => {
      await new Promise((done) => setTimeout(done, 600));
      return await resolve(host);
    };
    new ScriptedServer(network).reachable = "silent";
    const { session, events } = open(network, { servers: [{ host: "slow.test", port: 2181 }], attemptTimeoutMs: 1000 });
    await advance(999);
    expect(events.names).toEqual([]);
    await advance(1);
    expect(events.names).toEqual(["attemptFailed"]);
    await session.close();
  });
});
