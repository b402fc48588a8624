import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerAddress } from "../../src/driver/driver.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { advance, open } from "./support/open-session.ts";
import { ScriptedServer, Sessions } from "./support/scripted-server.ts";

const servers: readonly ServerAddress[] = ["10.0.0.1", "10.0.0.2"].map((host) => ({ host, port: 2181 }));

describe("read-only servers", () => {
  let network: MemoryNetwork;
  let readOnly: ScriptedServer;
  let other: ScriptedServer;

  beforeEach(() => {
    vi.useFakeTimers();
    network = new MemoryNetwork();
    const sessions = new Sessions();
    readOnly = new ScriptedServer(network, { address: "10.0.0.1:2181", sessions, readOnly: true });
    other = new ScriptedServer(network, { address: "10.0.0.2:2181", sessions });
    other.reachable = "refuse";
  });

  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    expect(network.open).toBe(0);
    vi.useRealTimers();
  });

  it("are refused by a client that writes", async () => {
    const { session, events } = open(network, { servers });
    await advance(100);
    expect(readOnly.connection.handshake?.readOnly).toBe(false);
    expect(events.names).not.toContain("connected");
    expect(events.all("attemptFailed").map(({ cause }) => cause.message)).toContainEqual(
      expect.stringContaining("reads only"),
    );
    other.reachable = "open";
    await advance(1000);
    expect(events.all("connected")).toMatchObject([{ server: servers[1], readOnly: false }]);
    await session.close();
  });

  it("serve a client that allows it until a server of the quorum is found", async () => {
    const { session, events } = open(network, { servers, readOnly: true });
    await advance(100);
    expect(events.all("connected")).toMatchObject([{ server: servers[0], readOnly: true }]);
    expect(readOnly.connection.handshake?.readOnly).toBe(true);
    const [{ sessionId: localId } = { sessionId: 0n }] = events.all("connected");
    await session.request({ op: "getData", path: "/a", watch: true });
    other.readOnly = true;
    other.reachable = "open";
    await advance(20_000);
    expect(events.all("connected")).toHaveLength(1);
    other.readOnly = false;
    await advance(20_000);
    expect(events.names.slice(-2)).toEqual(["disconnected", "connected"]);
    const [, moved] = events.all("connected");
    expect(moved).toMatchObject({ server: servers[1], readOnly: false });
    // Nobody but the read-only server knows its session, so that the quorum opens another one.
    expect(other.connection.handshake?.sessionId).toBe(0n);
    expect(moved?.sessionId).not.toBe(localId);
    expect(other.connection.rearmed).toMatchObject([{ dataWatches: ["/a"] }]);
    await session.close();
  });

  it("are left for the very server that was found", async () => {
    const third = { host: "10.0.0.3", port: 2181 };
    other.reachable = "silent";
    const { session, events } = open(network, { servers: [...servers, third], readOnly: true });
    new ScriptedServer(network, { address: "10.0.0.3:2181", sessions: readOnly.sessions });
    await advance(20_000);
    expect(events.names).toEqual(["connected", "disconnected", "connected"]);
    expect(events.all("connected")[1]).toMatchObject({ server: third, readOnly: false });
    // Asked, and then connected to.
    expect(network.dialled.slice(-2)).toEqual(["10.0.0.3:2181", "10.0.0.3:2181"]);
    await session.close();
  });

  it("resume a session that the quorum knows", async () => {
    readOnly.reachable = "refuse";
    other.reachable = "open";
    const { session, events } = open(network, { servers, readOnly: true });
    await advance(100);
    const [first] = events.all("connected");
    other.reachable = "refuse";
    readOnly.reachable = "open";
    other.connection.peer.close();
    await advance(2000);
    expect(readOnly.connection.handshake?.sessionId).toBe(first?.sessionId);
    expect(events.all("connected").at(-1)).toMatchObject({ readOnly: true, sessionId: first?.sessionId });
    other.reachable = "open";
    await advance(20_000);
    expect(events.all("connected").at(-1)).toMatchObject({ readOnly: false, sessionId: first?.sessionId });
    await session.close();
  });

  it("that open no sessions are reported as such", async () => {
    readOnly.onHandshake = ({ connection }) => {
      connection.fail(0, ErrorCode.NOT_READ_ONLY, 7n);
      return true;
    };
    const { session, events } = open(network, { servers: servers.slice(0, 1), readOnly: true });
    await advance(0);
    expect(events.all("attemptFailed")).toMatchObject([{ cause: { code: "NOT_READ_ONLY", op: "createSession" } }]);
    await session.close();
  });

  it("are asked with growing pauses", async () => {
    const { session } = open(network, { servers, readOnly: true });
    await advance(100);
    const before = network.dialled.length;
    await advance(60_000);
    const probes = network.dialled.length - before;
    expect(probes).toBeGreaterThan(10);
    expect(probes).toBeLessThan(40);
    await session.close();
  });

  it("are left by the search that has to stop, whatever it is waiting for", async () => {
    network.names.set("slow.test", "hangs");
    const slow = { host: "slow.test", port: 2181 };
    const { session } = open(network, { servers: [servers[0] as ServerAddress], readOnly: true });
    await advance(100);
    session.setServers([servers[0] as ServerAddress, slow, servers[1] as ServerAddress]);
    other.reachable = "silent";
    await advance(30_000);
    expect(network.lookups).toContain("slow.test");
    await session.close();
  });
});
