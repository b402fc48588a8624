import { type Client, type ConnectOptions, connect, NodeExistsError, NoNodeError, wireDriver } from "@quorate/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../../test/support/certificates.ts";
import { EmbeddedServer, EmbeddedServerError } from "../../src/index.ts";
import { RawConnection } from "./support/raw-session.ts";

describe.each(["tcp", "memory"] as const)("over %s", (way) => {
  let server: EmbeddedServer;
  let client: Client;
  const options = (): ConnectOptions => (way === "tcp" ? {} : { driver: wireDriver({ transport: server.transport }) });

  beforeEach(async () => {
    server = await EmbeddedServer.start({ listen: way === "tcp" });
    client = await connect(server.connectString, options());
  });
  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  it("keeps what clients write", async () => {
    await client.create("/a", "first");
    await client.set("/a", "second", { version: 0 });
    const { data, stat } = await client.get("/a");
    expect(Buffer.from(data ?? []).toString()).toBe("second");
    expect(stat).toMatchObject({ version: 1, dataLength: 6, numChildren: 0 });
    await expect(client.create("/a")).rejects.toBeInstanceOf(NodeExistsError);
    await client.delete("/a");
    await expect(client.get("/a")).rejects.toBeInstanceOf(NoNodeError);
  });

  it("numbers sequential znodes by its parent's creations, deleted ones included", async () => {
    await client.create("/q");
    const paths: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { path } = await client.create("/q/n-", "", { mode: "persistent-sequential" });
      paths.push(path);
      await client.delete(path);
    }
    expect(paths).toEqual(["/q/n-0000000000", "/q/n-0000000001", "/q/n-0000000002"]);
    expect(await client.exists("/q")).toMatchObject({ cversion: 6, numChildren: 0 });
  });

  it("serves what it is asked within one tick in one order", async () => {
    const replies = await Promise.all([
      client.create("/p"),
      client.create("/p/q", "x"),
      client.get("/p/q"),
      client.delete("/p/q"),
      client.exists("/p/q"),
    ]);
    expect(replies[2].stat.czxid).toBe(replies[1].stat.czxid);
    expect(replies[4]).toBeUndefined();
  });

  it("forgets everything of a session that closes", async () => {
    await client.create("/e", "", { mode: "ephemeral" });
    const other = await connect(server.connectString, options());
    const watch = other.watch("/e", { mode: "recursive" });
    await other.create("/f", "", { mode: "ephemeral" });
    expect(server.leaks()).toMatchObject({ sessions: { length: 2 }, ephemerals: { length: 2 } });
    expect(server.leaks().watches).toEqual([{ path: "/e", sessionId: other.session?.id }]);
    await watch.close();
    await other.close();
    expect(server.leaks()).toEqual({
      sessions: [client.session?.id],
      watches: [],
      ephemerals: [{ path: "/e", sessionId: client.session?.id }],
    });
  });
});

describe("EmbeddedServer", () => {
  it("serves clients over TLS, and knows who has no certificate", async () => {
    const { ca, server: own, client: theirs } = await makeCertificates();
    await using server = await EmbeddedServer.start({
      tls: { ...own, ca, requestCert: true, rejectUnauthorized: true },
    });
    const client = await connect(server.connectString, { tls: { ...theirs, ca, servername: "localhost" } });
    await client.create("/secret");
    await client.close();
    const refused = connect(server.connectString, { tls: { ca, servername: "localhost" }, connectTimeoutMs: 1000 });
    await expect(refused).rejects.toMatchObject({ code: "CONNECT" });
    expect(server.stats.connections).toBe(0);
  });

  it("does not wait for clients that never finish their TLS handshake when it stops", async () => {
    const { server: own } = await makeCertificates();
    const server = await EmbeddedServer.start({ tls: own });
    const half = await RawConnection.open(server.port);
    half.write(Buffer.from([0x16, 0x03, 0x01]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.stop();
    await half.closed();
  });

  it("has the znodes that a new server has", async () => {
    await using server = await EmbeddedServer.start();
    const client = await connect(server.connectString);
    expect(await client.children("/")).toEqual(["zookeeper"]);
    expect([...(await client.children("/zookeeper"))].sort()).toEqual(["config", "quota"]);
    expect(await client.exists("/")).toMatchObject({ cversion: -1, numChildren: 1, czxid: 0n, dataLength: 0 });
    expect(await client.exists("/zookeeper")).toMatchObject({ cversion: -2, numChildren: 2 });
    expect((await client.getAcl("/zookeeper/config")).acl).toEqual([
      { perms: 1, id: { scheme: "world", id: "anyone" } },
    ]);
    await client.close();
  });

  it("listens where it is told to, and says so when it cannot", async () => {
    await using first = await EmbeddedServer.start();
    expect(first.connectString).toBe(`127.0.0.1:${first.port}`);
    const taken = EmbeddedServer.start({ port: first.port });
    await expect(taken).rejects.toThrow(EmbeddedServerError);
    await expect(taken).rejects.toMatchObject({ cause: { code: "EADDRINUSE" } });
  });

  it.each([
    { tickTimeMs: 0 },
    { minSessionTimeoutMs: 1.5 },
    { minSessionTimeoutMs: 5000, maxSessionTimeoutMs: 4000 },
    { maxRequestBytes: -1 },
    { containerCheckIntervalMs: Number.NaN },
  ])("refuses %o", async (options) => {
    await expect(EmbeddedServer.start(options)).rejects.toThrow(EmbeddedServerError);
  });

  it("cuts everybody off when it stops, and stays down", async () => {
    const server = await EmbeddedServer.start();
    const client = await connect(server.connectString, { sessionTimeoutMs: 4000 });
    await Promise.all([server.stop(), server.stop()]);
    await expect.poll(() => client.state).not.toBe("connected");
    await expect(server.restart()).rejects.toThrow(EmbeddedServerError);
    await client.close();
    const driver = wireDriver({ transport: server.transport });
    await expect(connect("embedded:1", { driver, connectTimeoutMs: 200 })).rejects.toMatchObject({ code: "CONNECT" });
  });
});
