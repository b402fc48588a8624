import { connect, wireDriver } from "@quorate/core";
import { ConnectRequest, ConnectResponse, Reader } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EmbeddedServer } from "../../src/index.ts";
import { newSession, open, RawConnection, RawSession } from "./support/raw-session.ts";

describe("sessions", () => {
  let server: EmbeddedServer;
  beforeEach(async () => {
    server = await EmbeddedServer.start({ tickTimeMs: 100, maxSessionTimeoutMs: 60_000 });
  });
  afterEach(() => server.stop());

  it.each([
    [1, 200],
    [5000, 5000],
    [1_000_000, 60_000],
  ])("ask for %i ms and get %i", async (timeOut, negotiated) => {
    const session = await RawSession.start(server.port, { timeOut });
    expect(session.response?.timeOut).toBe(negotiated);
    session.socket.destroy();
  });

  it("are resumed with their ephemeral znodes, by id and password", async () => {
    const first = await RawSession.start(server.port);
    await first.request("create", { path: "/e", data: null, acl: open, flags: 1 });
    const { sessionId = 0n, passwd = null } = first.response ?? {};
    first.socket.destroy();
    const again = await RawSession.start(server.port, { sessionId, passwd });
    expect(again.id).toBe(sessionId);
    expect(await again.request("exists", { path: "/e", watch: false })).toMatchObject({
      stat: { ephemeralOwner: sessionId },
    });
    again.socket.destroy();
  });

  it("negotiate their timeout anew when they are resumed", async () => {
    const first = await RawSession.start(server.port, { timeOut: 60_000 });
    const { sessionId = 0n, passwd = null } = first.response ?? {};
    const second = await RawSession.start(server.port, { sessionId, passwd, timeOut: 300 });
    expect(second.response?.timeOut).toBe(300);
    await second.closed();
    expect(server.stats).toMatchObject({ sessions: 0, dropped: { expired: 1 } });
    first.socket.destroy();
  });

  it("are refused by a read-only server, but for new ones of those who accept it", async () => {
    const before = await RawSession.start(server.port);
    const { sessionId = 0n, passwd = null } = before.response ?? {};
    server.readOnly(true);
    await before.closed();
    for (const request of [{}, { sessionId, passwd }, { sessionId, passwd, readOnly: true }]) {
      const refused = await RawConnection.open(server.port);
      refused.frame((w) => ConnectRequest.write(w, { ...newSession, ...request }));
      await refused.closed();
      expect(refused.bytes).toHaveLength(0);
    }
    expect(server.stats.dropped.refused).toBe(3);
    const local = await RawSession.start(server.port, { readOnly: true });
    expect(local.response?.readOnly).toBe(true);
    const { lastZxid } = server.stats;
    expect(await local.request("sync", { path: "/" })).toBe(-119);
    expect(await local.request("closeSession", {})).toEqual({});
    expect(server.stats.lastZxid).toBe(lastZxid);
    server.readOnly(false);
    const again = await RawSession.start(server.port, { sessionId, passwd });
    expect(again.id).toBe(sessionId);
    again.socket.destroy();
  });

  it("have one connection: the next one takes over", async () => {
    const first = await RawSession.start(server.port);
    const { sessionId = 0n, passwd = null } = first.response ?? {};
    const second = await RawSession.start(server.port, { sessionId, passwd });
    await first.closed();
    expect(await second.request("sync", { path: "/" })).toEqual({ path: "/" });
    expect(server.stats.dropped.moved).toBe(1);
    second.socket.destroy();
  });

  it.each([
    ["another password", { passwd: new Uint8Array(16) }],
    ["no password", { passwd: null }],
    ["an unknown id", { sessionId: 42n }],
  ])("are not resumed by %s", async (_, change) => {
    const first = await RawSession.start(server.port);
    const { sessionId = 0n, passwd = null } = first.response ?? {};
    const second = await RawSession.start(server.port, { sessionId, passwd, ...change });
    expect(second.response).toMatchObject({ timeOut: 0, sessionId: 0n });
    await second.closed();
    first.socket.destroy();
    second.socket.destroy();
  });

  it("are not opened for who has seen more than the server has", async () => {
    const connection = await RawConnection.open(server.port, "frames");
    connection.frame((w) => ConnectRequest.write(w, { ...newSession, lastZxidSeen: 1000n }));
    await connection.closed();
    expect(connection.frames).toEqual([]);
    expect(server.stats.dropped.refused).toBe(1);
  });

  it("are answered as they ask: clients from before 3.4 know nothing of read-only servers", async () => {
    const connection = await RawConnection.open(server.port, "frames");
    connection.frame((w) => {
      w.int(0);
      w.long(0n);
      w.int(1000);
      w.long(0n);
      w.buffer(new Uint8Array(16));
    });
    const answer = await connection.next();
    expect(answer.length).toBe(36);
    expect(ConnectResponse.read(new Reader(answer))).toMatchObject({ timeOut: 1000, readOnly: false });
    connection.socket.destroy();
  });
});

describe("expiry", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("follows fake timers, to the tick", async () => {
    await using server = await EmbeddedServer.start({ listen: false, tickTimeMs: 100 });
    vi.useFakeTimers();
    const connecting = connect("embedded:1", {
      driver: wireDriver({ transport: server.transport }),
      sessionTimeoutMs: 1000,
    });
    await vi.advanceTimersByTimeAsync(1);
    const client = await connecting;
    const creating = client.create("/e", "", { mode: "ephemeral" });
    await vi.advanceTimersByTimeAsync(1);
    await creating;
    server.freeze();
    await vi.advanceTimersByTimeAsync(5000);
    expect(server.leaks().ephemerals).toHaveLength(1);
    server.thaw();
    expect(server.leaks().ephemerals).toEqual([]);
    vi.useRealTimers();
    await client.close();
  });
});
