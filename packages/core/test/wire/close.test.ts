import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DriverSession } from "../../src/driver/driver.ts";
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

  describe("seeking a server", () => {
    const seek = { seek: true, timeoutMs: 2_000 };

    /** Suspended, no server to be had. */
    async function suspend(servers = oneServer): Promise<DriverSession> {
      const { session } = open(network, { servers });
      await advance(0);
      server.reachable = "refuse";
      server.connection.peer.close();
      await advance(100);
      return session;
    }

    /** What has become of a promise, and when. */
    function followed(promise: Promise<void>): { tookMs: number | undefined } {
      const startedAt = performance.now();
      const seen: { tookMs: number | undefined } = { tookMs: undefined };
      void promise.then(() => {
        seen.tookMs = performance.now() - startedAt;
      });
      return seen;
    }

    it("ends the session at the first one that can be reached, in time", async () => {
      const session = await suspend();
      const id = [...server.sessions.passwords.keys()];
      const closing = followed(session.close(seek));
      const refused = await rejection(session.request({ op: "sync", path: "/a" }));
      expect(refused).toMatchObject({ code: "CLOSED", outcome: "not-applied" });
      expect(
        await rejection(session.addCredential({ scheme: "digest", credential: Buffer.from("a:b") })),
      ).toMatchObject({
        code: "CLOSED",
      });
      await advance(500);
      expect(closing.tookMs).toBeUndefined();
      server.reachable = "open";
      await advance(1_000);
      expect(closing.tookMs).toBeLessThan(1_500);
      expect(server.connection.handshake?.sessionId).toBe(id[0]);
      expect(server.connection.log).toEqual(["closeSession"]);
    });

    it("turns to the next when the connection breaks before the answer", async () => {
      const other = new ScriptedServer(network, { address: "10.0.0.2:2181", sessions: server.sessions });
      const { session } = open(network, { servers: [...oneServer, { host: "10.0.0.2", port: 2181 }] });
      await advance(0);
      const [first, second] = server.connections.length > 0 ? [server, other] : [other, server];
      first.onRequest = (_received, connection) => {
        connection.peer.close();
        return true;
      };
      const inFlight = rejection(session.request({ op: "sync", path: "/a" }));
      const closing = followed(session.close(seek));
      await advance(100);
      expect(closing.tookMs).toBeLessThan(100);
      expect(second.connection.log).toEqual(["closeSession"]);
      expect(await inFlight).toMatchObject({ code: "CLOSED", outcome: "unknown" });
    });

    it("gives up when the time is up", async () => {
      const session = await suspend();
      const closing = followed(session.close(seek));
      await advance(1_999);
      expect(closing.tookMs).toBeUndefined();
      await advance(1);
      expect(closing.tookMs).toBe(2_000);
    });

    it("has nothing more to do when the session has expired meanwhile", async () => {
      const session = await suspend();
      server.sessions.passwords.clear();
      const closing = followed(session.close(seek));
      server.reachable = "open";
      await advance(1_000);
      expect(closing.tookMs).toBeLessThan(1_000);
    });

    it("awaits the answer that opens the session, and no other server's", async () => {
      server.onHandshake = () => true;
      const { session } = open(network);
      await advance(0);
      const closing = followed(session.close(seek));
      await advance(500);
      expect(closing.tookMs).toBeUndefined();
      server.connection.openSession();
      await advance(0);
      expect(closing.tookMs).toBe(500);
      expect(server.connection.log).toEqual(["closeSession"]);

      const { session: unlucky } = open(network);
      await advance(0);
      const dialled = network.dialled.length;
      const inVain = followed(unlucky.close(seek));
      server.connection.peer.close();
      await advance(0);
      expect(inVain.tookMs).toBe(0);
      await advance(5_000);
      expect(network.dialled).toHaveLength(dialled);
    });

    it("is over at once where no session was ever asked for, or no time is given", async () => {
      server.reachable = "refuse";
      const { session } = open(network);
      await advance(100);
      await session.close(seek);
      server.reachable = "open";
      await (await suspend()).close({ ...seek, timeoutMs: 0 });
    });
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
