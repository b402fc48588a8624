import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClosedError } from "../../src/errors/client-errors.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { advance, oneServer, open, rejection } from "./support/open-session.ts";
import { ScriptedServer } from "./support/scripted-server.ts";

describe("close", () => {
  let network: MemoryNetwork;
  let server: ScriptedServer;

  beforeEach(() => {
    vi.useFakeTimers();
    network = new MemoryNetwork();
    server = new ScriptedServer(network);
  });

  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    expect(network.open).toBe(0);
    vi.useRealTimers();
  });

  it("ends the session at the server, behind everything that was asked before", async () => {
    const { session, events } = open(network);
    await advance(0);
    const replies = [session.request({ op: "sync", path: "/a" }), session.request({ op: "sync", path: "/b" })];
    const closed = session.close();
    const late = rejection(session.request({ op: "sync", path: "/c" }));
    await closed;
    await expect(Promise.all(replies)).resolves.toHaveLength(2);
    expect(server.connection.log).toEqual(["sync", "sync", "closeSession"]);
    expect(await late).toBeInstanceOf(ClosedError);
    expect(await late).toMatchObject({ outcome: "not-applied", op: "sync", path: "/c" });
    expect(events.names).toEqual(["connected"]);
  });

  it("is the same however often it is called", async () => {
    const { session } = open(network);
    await advance(0);
    await Promise.all([session.close(), session.close({ timeoutMs: 1 })]);
    await session.close();
    expect(server.connection.log).toEqual(["closeSession"]);
  });

  it("waits for a server that does not answer for 2 s, and rejects what is in flight then", async () => {
    const { session, events } = open(network, { sessionTimeoutMs: 60_000 });
    server.timeOut = 60_000;
    await advance(0);
    server.onRequest = () => true;
    const inFlight = rejection(session.request({ op: "sync", path: "/a" }));
    let isClosed = false;
    void session.close().then(() => {
      isClosed = true;
    });
    await advance(1999);
    expect(isClosed).toBe(false);
    await advance(1);
    expect(isClosed).toBe(true);
    expect(await inFlight).toBeInstanceOf(ClosedError);
    expect(await inFlight).toMatchObject({ outcome: "unknown", path: "/a" });
    expect(events.names).toEqual(["connected"]);
  });

  it("lets no event through, not even one that is on its way", async () => {
    const { session, events } = open(network);
    await advance(0);
    server.onRequest = (_received, connection) => {
      connection.notify(1, "/b");
      return false;
    };
    server.connection.notify(1, "/a");
    await Promise.resolve();
    const closed = session.close();
    await closed;
    expect(events.names).toEqual(["connected"]);
  });

  it("rejects with the reason it is given", async () => {
    const { session } = open(network);
    await advance(0);
    server.onRequest = () => true;
    const reason = new Error("the deadline passed");
    const inFlight = rejection(session.request({ op: "sync", path: "/a" }));
    const closed = session.close({ timeoutMs: 10, reason });
    await advance(10);
    await closed;
    expect(await inFlight).toBe(reason);
  });

  it("does not wait for a server that hangs up", async () => {
    const { session } = open(network);
    await advance(0);
    server.onRequest = (_received, connection) => {
      connection.peer.close();
      return true;
    };
    const inFlight = rejection(session.request({ op: "sync", path: "/a" }));
    await session.close();
    expect(await inFlight).toBeInstanceOf(ClosedError);
  });

  it.each<[string, (server: ScriptedServer, network: MemoryNetwork) => void]>([
    ["resolving", (_, { names }) => names.set("zk.test", "hangs")],
    [
      "connecting",
      (listener) => {
        listener.reachable = "silent";
      },
    ],
    [
      "handshaking",
      (listener) => {
        listener.onHandshake = () => true;
      },
    ],
    [
      "waiting",
      (listener) => {
        listener.reachable = "refuse";
      },
    ],
    [
      "authenticating",
      (listener) => {
        listener.onHandshake = ({ connection }) => {
          connection.openSession();
          connection.peer.stalled = true;
          return true;
        };
      },
    ],
  ])("lets go of everything at once while %s", async (state, script) => {
    network.names.set("zk.test", ["10.0.0.1"]);
    script(server, network);
    const states: string[] = [];
    const logger = {
      debug: (_message: string, details?: object) => states.push((details as { to: string }).to),
      info: () => {},
      warn: () => {},
      error: () => {},
    };
    const credentials = state === "authenticating" ? [{ scheme: "digest", credential: Buffer.from("a:b") }] : [];
    const servers = [{ host: "zk.test", port: 2181 }];
    const { session, events } = open(network, { servers, logger, credentials });
    await advance(0);
    expect(states.at(-1)).toBe(state === "authenticating" ? "handshaking" : state);
    const before = events.told.length;
    await session.close();
    await session.close();
    expect(network.open).toBe(0);
    await advance(10_000);
    expect(events.told).toHaveLength(before);
    expect(await rejection(session.request({ op: "sync", path: "/" }))).toBeInstanceOf(ClosedError);
    session.setServers(oneServer);
    await advance(10_000);
    expect(events.told).toHaveLength(before);
  });

  it("right after open leads nowhere", async () => {
    const { session, events } = open(network);
    await session.close();
    await advance(5000);
    expect(events.names).toEqual([]);
    expect(network.dialled).toEqual([]);
  });

  it("after the session has expired is quiet", async () => {
    const { session, events } = open(network);
    await advance(0);
    server.sessions.passwords.clear();
    server.connection.peer.close();
    await advance(1000);
    expect(events.names).toEqual(["connected", "disconnected", "expired"]);
    await session.close();
  });
});
