import { type Client, ConnectionLossError, connect, NotReadOnlyError, wireDriver } from "@quorate/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedServer, EmbeddedServerError, type TreeSnapshot } from "../../src/index.ts";
import { RawSession } from "./support/raw-session.ts";

let server: EmbeddedServer;
let client: Client;
const clients: Client[] = [];

async function open(options: Parameters<typeof connect>[1] = {}): Promise<Client> {
  const opened = await connect(server.connectString, { sessionTimeoutMs: 4000, ...options });
  clients.push(opened);
  return opened;
}

beforeEach(async () => {
  server = await EmbeddedServer.start({ tickTimeMs: 100, maxSessionTimeoutMs: 30_000 });
  client = await open();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.close()));
  await server.stop();
});

describe("expireSession", () => {
  it("ends the session and what belongs to it; its client goes on in a new one", async () => {
    await client.create("/e", "", { mode: "ephemeral" });
    const { session } = client;
    server.expireSession(session?.id ?? 0n);
    expect(server.leaks().ephemerals).toEqual([]);
    await expect.poll(() => session?.signal.aborted, { timeout: 5000 }).toBe(true);
    await expect.poll(() => client.session?.id !== session?.id && client.state, { timeout: 5000 }).toBe("connected");
    expect(await client.exists("/e")).toBeUndefined();
  });

  it("says when there is no such session", () => {
    expect(() => server.expireSession(1n)).toThrow(EmbeddedServerError);
  });
});

describe("dropConnections", () => {
  it("cuts connections, not sessions", async () => {
    const other = await open();
    await client.create("/e", "", { mode: "ephemeral" });
    const { session } = client;
    server.dropConnections({ sessionId: session?.id ?? 0n });
    await expect.poll(() => server.stats.dropped.lever).toBe(1);
    expect((await client.get("/e")).stat.ephemeralOwner).toBe(session?.id);
    expect(client.session?.id).toBe(session?.id);
    server.dropConnections();
    expect((await other.get("/e")).stat.ephemeralOwner).toBe(session?.id);
    expect(server.stats.dropped.lever).toBe(3);
  });
});

describe("freeze", () => {
  it.each(["tcp", "memory"] as const)("answers nothing over %s until it thaws, then everything", async (way) => {
    const driver = way === "memory" ? { driver: wireDriver({ transport: server.transport }) } : {};
    const frozen = await open(driver);
    await frozen.create("/a");
    server.freeze();
    server.freeze();
    let answered = false;
    const read = frozen.get("/a").then(() => {
      answered = true;
    });
    await expect(
      connect(server.connectString, { ...driver, connectTimeoutMs: 200, attemptTimeoutMs: 100 }),
    ).rejects.toMatchObject({ code: "CONNECT" });
    expect(answered).toBe(false);
    expect(server.stats.sessions).toBe(2);
    server.thaw();
    await read;
  });

  it("lets those expire who ran out of time meanwhile, before they are heard", async () => {
    const other = await open({ sessionTimeoutMs: 400 });
    const { session } = other;
    server.freeze();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.stats.sessions).toBe(2);
    server.thaw();
    expect(server.leaks().sessions).toEqual([client.session?.id]);
    await expect.poll(() => session?.signal.aborted).toBe(true);
  });
});

describe("restart", () => {
  it("keeps znodes, sessions and the port", async () => {
    await client.create("/e", "x", { mode: "ephemeral" });
    const { session } = client;
    const { port } = server;
    await Promise.all([server.restart(), server.restart()]);
    expect(server.port).toBe(port);
    expect((await client.get("/e")).stat.ephemeralOwner).toBe(session?.id);
    expect(client.session?.id).toBe(session?.id);
  });

  it("wakes up a frozen server, and restores watches by their clients", async () => {
    const watch = client.watch("/w");
    await watch.ready;
    server.freeze();
    await server.restart();
    // Reads are retried until the client is back; a write may be the one that notices.
    await client.exists("/w");
    await client.create("/w");
    const types: string[] = [];
    for await (const { type } of watch) {
      types.push(type);
      if (type === "created") break;
    }
    expect(types).toContain("created");
  });
});

describe("failNext", () => {
  it("loses the request before it is applied, or its reply afterwards", async () => {
    await client.create("/n", "0");
    const before = server.failNext({ op: "setData", path: "/n", when: "before" });
    await expect(client.set("/n", "1")).rejects.toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
    expect(before.state).toBe("dropped");
    expect((await client.get("/n")).stat.version).toBe(0);
    const after = server.failNext({ op: "setData", path: "/n", when: "after" });
    await expect(client.set("/n", "1")).rejects.toBeInstanceOf(ConnectionLossError);
    expect(await after.settled).toBe("dropped");
    expect((await client.get("/n")).stat.version).toBe(1);
  });

  it("strikes once, what it is told to, members of a transaction among it", async () => {
    await client.create("/n", "0");
    const failure = server.failNext({ op: ["create2", "multi"], path: /^\/inner/, when: "after" });
    await client.create("/other");
    await expect(client.transaction().check("/n", 0).create("/inner").commit()).rejects.toMatchObject({
      code: "CONNECTION_LOSS",
    });
    expect(failure.state).toBe("dropped");
    await client.transaction().create("/inner/b").commit();
    expect(await client.children("/inner")).toEqual(["b"]);
  });

  it("still answers what was asked before", async () => {
    await client.create("/n", "0");
    server.failNext({ op: "delete", when: "before" });
    const replies = await Promise.allSettled([client.exists("/n"), client.delete("/n"), client.set("/n", "x")]);
    expect(replies.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect((await client.get("/n")).stat.version).toBe(0);
  });

  it("can be taken back, and is when the server stops", async () => {
    const failure = server.failNext({ op: "create2", when: "before" });
    failure.cancel();
    await client.create("/n");
    expect(await failure.settled).toBe("cancelled");
    const left = server.failNext({ when: "before", op: "multi" });
    await server.stop();
    expect(await left.settled).toBe("cancelled");
  });
});

describe("delay", () => {
  it("holds back what the server says, in order", async () => {
    server.delay(150);
    const startedAt = performance.now();
    const order: string[] = [];
    const slow = client.create("/slow").then(() => order.push("slow"));
    await expect.poll(() => server.stats.znodes).toBe(5);
    server.delay(0);
    const quick = client.exists("/slow").then(() => order.push("quick"));
    await Promise.all([slow, quick]);
    expect(order).toEqual(["slow", "quick"]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
  });

  it("is none without end", () => {
    expect(() => server.delay(-1)).toThrow(EmbeddedServerError);
    expect(() => server.delay(Number.POSITIVE_INFINITY)).toThrow(EmbeddedServerError);
  });
});

describe("readOnly", () => {
  it("serves reads, to those who accept it, in sessions of their own; the others come back to theirs", async () => {
    await client.create("/a", "x", { mode: "ephemeral" });
    const { session } = client;
    server.readOnly(true);
    expect(server.fourLetterWord("isro")).toBe("ro");
    const reader = await open({ readOnly: true });
    expect(reader.readOnly).toBe(true);
    expect(Buffer.from((await reader.get("/a")).data ?? []).toString()).toBe("x");
    await expect(reader.create("/b")).rejects.toBeInstanceOf(NotReadOnlyError);
    const local = reader.session?.id;
    expect(server.leaks().sessions).toContain(local);
    server.readOnly(false);
    expect(server.leaks().sessions).not.toContain(local);
    await client.set("/a", "y");
    expect(client.session?.id).toBe(session?.id);
    await expect.poll(() => reader.readOnly, { timeout: 5000 }).toBe(false);
    await reader.create("/b");
  });

  it("lets no session expire that cannot be reached, until it can be", async () => {
    const { port } = server;
    const other = await RawSession.start(port, { timeOut: 300 });
    server.readOnly(true);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(server.leaks().sessions).toContain(other.id);
    server.readOnly(false);
    expect(server.leaks().sessions).toContain(other.id);
    await expect.poll(() => server.leaks().sessions, { timeout: 5000 }).not.toContain(other.id);
  });
});

describe("snapshot and load", () => {
  it("brings a tree back as it was, stats included, as JSON", async () => {
    const acl = [{ perms: 31, id: { scheme: "ip", id: "127.0.0.1" } }];
    await client.create("/a", Buffer.from([0, 255]), { acl });
    await client.create("/a/s-", null, { mode: "persistent-sequential" });
    await client.create("/c", "", { mode: "container" });
    await client.create("/t", "", { ttlMs: 60_000 });
    await client.set("/a", "v1");
    const stat = await client.exists("/a");
    const snapshot = JSON.parse(JSON.stringify(server.snapshot())) as TreeSnapshot;
    await using copy = await EmbeddedServer.start();
    copy.load(snapshot);
    const there = await connect(copy.connectString);
    expect(await there.exists("/a")).toEqual(stat);
    expect((await there.getAcl("/a")).acl).toEqual(acl);
    expect((await there.get("/a/s-0000000000")).data).toBeNull();
    expect((await there.create("/a/s-", "", { mode: "persistent-sequential" })).path).toBe("/a/s-0000000001");
    expect(await there.children("/zookeeper")).toHaveLength(2);
    expect(copy.stats.lastZxid).toBeGreaterThan(server.stats.lastZxid);
    await there.close();
  });

  it("shows watches what is different, and keeps the ephemeral znodes of those who live", async () => {
    await client.create("/stays", "0");
    await client.create("/e", "", { mode: "ephemeral" });
    const dying = await open();
    await dying.create("/orphan", "", { mode: "ephemeral" });
    const snapshot = server.snapshot();
    await dying.close();
    await client.set("/stays", "1");
    await client.create("/goes");
    const watch = client.watch("/", { mode: "recursive" });
    await watch.ready;
    server.load(snapshot);
    const changes: string[] = [];
    const reading = (async () => {
      for await (const { type, path } of watch) {
        if (type !== "resync") changes.push(`${type} ${path}`);
        if (path === "/end") return;
      }
    })();
    await client.create("/end");
    await reading;
    expect(changes).toEqual(["deleted /goes", "dataChanged /stays", "created /end"]);
    expect(await client.exists("/orphan")).toBeUndefined();
    expect(server.leaks().ephemerals.map(({ path }) => path)).toEqual(["/e"]);
    await client.close();
    expect(server.leaks().ephemerals).toEqual([]);
  });
});

describe("what it tells", () => {
  it("dumps all it knows but the data", async () => {
    await client.create("/a", "password");
    await client.create("/e", "", { mode: "ephemeral" });
    const dump = server.dump();
    expect(dump).toContain("/a (8 bytes, version 0)");
    expect(dump).toContain(`/e (0 bytes, version 0 ephemeral of 0x${client.session?.id.toString(16)})`);
    expect(dump).not.toContain("password");
  });
});
