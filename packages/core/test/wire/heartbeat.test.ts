import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryNetwork } from "./support/memory-network.ts";
import { advance, type Opened, open, rejection } from "./support/open-session.ts";
import { frameBytes, header, ScriptedServer } from "./support/scripted-server.ts";

/** Divides without remainder by 4, 6 and 12. */
const timeoutMs = 1200;

describe("the heartbeat", () => {
  let network: MemoryNetwork;
  let server: ScriptedServer;

  beforeEach(() => {
    vi.useFakeTimers();
    network = new MemoryNetwork();
    server = new ScriptedServer(network, { timeOut: timeoutMs });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function connected(): Promise<Opened> {
    const opened = open(network, { sessionTimeoutMs: timeoutMs, attemptTimeoutMs: 300 });
    await advance(0);
    expect(opened.events.names).toEqual(["connected"]);
    return opened;
  }

  const pings = (): number => server.connection.log.filter((entry) => entry === "ping").length;

  it("pings once nothing was sent for a sixth of the timeout", async () => {
    const { session } = await connected();
    await advance(timeoutMs / 6 - 1);
    expect(pings()).toBe(0);
    await advance(1);
    expect(pings()).toBe(1);
    await advance(timeoutMs);
    expect(pings()).toBe(7);
    await session.close();
  });

  it("does not ping a connection in use", async () => {
    const { session } = await connected();
    for (let count = 0; count < 20; count++) {
      await session.request({ op: "sync", path: "/" });
      await advance(timeoutMs / 6 - 1);
    }
    expect(pings()).toBe(0);
    await session.close();
  });

  it("counts the handshake, pings and every answer as acknowledged, from the moment each was sent", async () => {
    const openedAt = performance.now();
    const opened = open(network, { sessionTimeoutMs: timeoutMs });
    expect(opened.session.acknowledgedAt).toBeUndefined();
    server.onHandshake = ({ connection }) => {
      setTimeout(() => connection.openSession(), 100);
      return true;
    };
    await advance(100);
    expect(opened.events.names).toEqual(["connected"]);
    expect(opened.session.acknowledgedAt).toBe(openedAt);
    await advance(timeoutMs / 6);
    const pingedAt = openedAt + timeoutMs / 6;
    expect(opened.session.acknowledgedAt).toBe(pingedAt);
    server.onRequest = ({ xid }, connection) => {
      setTimeout(() => connection.fail(xid, -101), 50);
      return true;
    };
    const sentAt = performance.now();
    const request = rejection(opened.session.request({ op: "sync", path: "/" }));
    await advance(49);
    expect(opened.session.acknowledgedAt).toBe(pingedAt);
    await advance(1);
    await request;
    expect(opened.session.acknowledgedAt).toBe(sentAt);
    server.onRequest = () => false;
    await opened.session.close();
  });

  it("gives a silent server up early enough to leave a third of the timeout before the session's deadline", async () => {
    const { session, events } = await connected();
    server.onRequest = () => true;
    let disconnectedAt = 0;
    let message = "";
    events.disconnected = ({ cause }) => {
      disconnectedAt = performance.now();
      message = cause.message;
    };
    await advance(timeoutMs / 2);
    server.onRequest = () => false;
    expect(message).toMatch(/^no answer for 30\d ms$/);
    const deadline = (session.acknowledgedAt as number) + (3 / 4) * timeoutMs;
    // The last look into the socket takes one turn of the event loop, which is a millisecond of fake time.
    expect(deadline - disconnectedAt).toBeGreaterThanOrEqual(timeoutMs / 3 - 1);
    await session.close();
  });

  it("does so too when requests go on being sent", async () => {
    const { session, events } = await connected();
    await session.request({ op: "sync", path: "/" });
    server.onRequest = () => true;
    const silentAt = performance.now();
    const outcomes: Promise<unknown>[] = [];
    let disconnectedAt = 0;
    events.disconnected = () => {
      disconnectedAt = performance.now();
    };
    while (disconnectedAt === 0) {
      outcomes.push(rejection(session.request({ op: "sync", path: "/" })));
      await advance(10);
    }
    expect(disconnectedAt - silentAt).toBeLessThanOrEqual(timeoutMs / 4 + 10);
    expect(await outcomes[0]).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
    server.onRequest = () => false;
    await session.close();
  });

  it("takes the parts of a large reply for signs of life", async () => {
    const { session, events } = await connected();
    const askedAt = performance.now();
    // The number a TLS alert starts with: to be taken for one only at the start of the stream.
    const data = new Uint8Array(8).fill(0x15);
    server.onRequest = ({ xid, operation }, connection) => {
      if (operation?.op !== "getData") {
        // Frames are not mixed: whatever else is asked is answered behind the large reply.
        const pong = frameBytes((writer) => header(writer, xid, 1n, 0));
        setTimeout(() => connection.peer.send(pong), 11.3 * timeoutMs - performance.now() + askedAt);
        return true;
      }
      const bytes = frameBytes((writer) => {
        header(writer, xid, 1n, 0);
        writer.buffer(data);
        for (let count = 0; count < 20; count++) writer.int(0);
      });
      bytes.forEach((_, index) => {
        setTimeout(() => connection.peer.send(bytes.subarray(index, index + 1)), (index * timeoutMs) / 10);
      });
      return true;
    };
    const reply = session.request({ op: "getData", path: "/a", watch: false });
    await advance(12 * timeoutMs);
    await expect(reply).resolves.toMatchObject({ data });
    expect(events.names).toEqual(["connected"]);
    server.onRequest = () => false;
    await session.close();
  });

  it("looks into the socket once more after this process was held up", async () => {
    const { session, events } = await connected();
    let answer: (() => void) | undefined;
    server.onRequest = ({ xid }, connection) => {
      if (xid !== -2) return false;
      answer = () => connection.frame((writer) => header(writer, xid, 1n, 0));
      return true;
    };
    await advance(timeoutMs / 6);
    expect(answer).toBeDefined();
    // The answer came long ago, but the event loop reads it only after the timers that are overdue.
    const overdue = setImmediate;
    vi.stubGlobal("setImmediate", (callback: () => void) => {
      answer?.();
      return overdue(callback);
    });
    await advance(timeoutMs / 4);
    vi.unstubAllGlobals();
    server.onRequest = () => false;
    await advance(0);
    expect(events.names).toEqual(["connected"]);
    await session.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("stops with the connection", async () => {
    const { session } = await connected();
    server.connection.peer.close();
    server.reachable = "silent";
    await advance(0);
    // What is left is the timer of the attempt.
    expect(vi.getTimerCount()).toBe(1);
    await session.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
