import { type Client, connect } from "@quorate/core";
import { OpCode, operations } from "@quorate/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedServer, type EmbeddedServerOptions } from "../../src/index.ts";
import { frameOf, open, RawConnection, RawSession } from "./support/raw-session.ts";

let server: EmbeddedServer;
let client: Client;
const raw: RawConnection[] = [];

async function start(options: EmbeddedServerOptions = {}): Promise<void> {
  server = await EmbeddedServer.start({ tickTimeMs: 100, maxSessionTimeoutMs: 30_000, ...options });
  client = await connect(server.connectString);
}

async function connection(): Promise<RawConnection> {
  const opened = await RawConnection.open(server.port);
  raw.push(opened);
  return opened;
}

async function session(timeOut = 10_000): Promise<RawSession> {
  const opened = await RawSession.start(server.port, { timeOut });
  raw.push(opened);
  return opened;
}

beforeEach(() => start());
afterEach(async () => {
  for (const each of raw.splice(0)) each.socket.destroy();
  // Whatever happened, everybody else was served all the time.
  await client.create("/still-served");
  expect(client.state).toBe("connected");
  await client.close();
  await server.stop();
});

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

describe("a first frame that is none", () => {
  it.each([
    ["a huge length", int(0x7fffffff), "handshake"],
    ["a negative length", int(-1), "handshake"],
    ["one byte above jute.maxbuffer", int(0x100000), "handshake"],
    ["an empty frame", int(0), "handshake"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "handshake"],
    ["a TLS hello", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), "handshake"],
    ["a handshake cut short", Buffer.concat([int(20), Buffer.alloc(20)]), "handshake"],
    [
      "a password longer than its frame",
      frameOf((w) => [w.int(0), w.long(0n), w.int(1), w.long(0n), w.int(500)]),
      "handshake",
    ],
  ] as const)("is dropped and counted: %s", async (_, bytes, reason) => {
    const bad = await connection();
    bad.write(bytes);
    await bad.closed();
    expect(server.stats.dropped[reason]).toBe(1);
    expect(server.stats.connections).toBe(1);
  });
});

describe("a session's frame that is none", () => {
  it("is dropped when its length is out of bounds, and the session lives on", async () => {
    for (const length of [0x100000, -5]) {
      const bad = await session();
      bad.write(int(length));
      await bad.closed();
    }
    expect(server.stats.dropped.garbage).toBe(2);
    expect(server.stats.sessions).toBe(3);
  });

  it("is dropped when it is too short for a header", async () => {
    const bad = await session();
    bad.write(Buffer.concat([int(3), Buffer.alloc(3)]));
    await bad.closed();
    expect(server.stats.dropped.garbage).toBe(1);
  });

  it("is told what is wrong where its header can be read, then dropped", async () => {
    for (const [type, err] of [
      [OpCode.create, -5],
      [OpCode.multi, -5],
      [OpCode.setWatches2, -5],
      [99, -6],
      [OpCode.notification, -6],
    ] as const) {
      const bad = await session();
      const { lastZxid } = server.stats;
      bad.send(type, (w) => w.int(1000));
      expect((await bad.reply()).err).toBe(err);
      // Whatever is a write takes a zxid, as on a real server.
      expect(server.stats.lastZxid - lastZxid).toBe(type === OpCode.create || type === OpCode.multi ? 1n : 0n);
      await bad.closed();
    }
    expect(server.stats.dropped["malformed-request"]).toBe(5);
  });

  it("takes as much data as jute.maxbuffer allows, and no more", async () => {
    const fits = await session();
    const overhead = 8 + 4 + "/big".length + 4 + 4 + (4 + 4 + 5 + 4 + 6) + 4;
    const data = Buffer.alloc(0xfffff - overhead);
    expect(await fits.request("create", { path: "/big", data, acl: open, flags: 0 })).toEqual({ path: "/big" });
    fits.send(OpCode.setData, (w) => {
      w.string("/big");
      w.buffer(Buffer.alloc(0xfffff));
      w.int(-1);
    });
    await fits.closed();
    expect((await client.get("/big")).stat).toMatchObject({ dataLength: data.length, version: 0 });
  });
});

describe("half-open clients", () => {
  it("are dropped when they say nothing in time, or only half of something", async () => {
    await client.close();
    await server.stop();
    await start({ handshakeTimeoutMs: 200 });
    const silent = await connection();
    const slow = await connection();
    slow.write(int(44).subarray(0, 2));
    const slower = await connection();
    slower.write(Buffer.concat([int(44), Buffer.alloc(20)]));
    await Promise.all([silent.closed(), slow.closed(), slower.closed()]);
    expect(server.stats.dropped["half-open"]).toBe(3);
  });

  it("lose their session when its time is up, whatever they have begun to say", async () => {
    const bad = await session(300);
    bad.write(Buffer.concat([int(100), Buffer.alloc(10)]));
    await bad.closed();
    expect(server.stats.dropped.expired).toBe(1);
    expect(server.leaks().sessions).not.toContain(bad.id);
  });
});

describe("slow readers", () => {
  const big = Buffer.alloc(1_000_000);

  it("get no more answers than they read, and all of them once they do", async () => {
    await client.create("/big", big);
    const slow = await session(30_000);
    slow.socket.pause();
    for (let i = 0; i < 200; i++) slow.send(OpCode.getData, (w) => [w.string("/big"), w.boolean(false)]);
    await expect.poll(() => server.stats.connections).toBe(2);
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    slow.socket.resume();
    for (let i = 0; i < 200; i++) expect((await slow.reply()).body.length).toBeGreaterThan(1_000_000);
  });

  it("are dropped when events pile up", async () => {
    await client.close();
    await server.stop();
    await start({ maxQueuedBytes: 50_000 });
    const slow = await session(30_000);
    await slow.request("addWatch", { path: "/", mode: 1 });
    slow.socket.pause();
    const name = "x".repeat(5000);
    const path = (await client.create(`/${name}`)).path;
    // The system's own buffers fill up first.
    for (let i = 0; i < 5000 && server.stats.dropped["slow-reader"] === 0; i++) {
      await Promise.all(Array.from({ length: 50 }, () => client.set(path, "")));
    }
    expect(server.stats.dropped["slow-reader"]).toBe(1);
    expect(server.leaks().sessions).toContain(slow.id);
    expect(server.leaks().watches).toEqual([]);
  });

  it("are dropped when their session's time is up", async () => {
    await client.create("/big", big);
    const slow = await session(500);
    slow.socket.pause();
    for (let i = 0; i < 100; i++) slow.send(OpCode.getData, (w) => [w.string("/big"), w.boolean(false)]);
    await expect.poll(() => server.stats.dropped["slow-reader"], { timeout: 5000 }).toBe(1);
    expect(server.leaks().sessions).not.toContain(slow.id);
  });
});

describe("requests that ask for much with little", () => {
  it("get no answer that is larger than any client takes", async () => {
    await client.create("/big", Buffer.alloc(1_000_000));
    const greedy = await session();
    const reads = Array.from({ length: 10_000 }, () => ({ op: "getData", path: "/big", watch: false }) as const);
    expect(await greedy.request("multiRead", { operations: reads })).toBe(-5);
    expect(await greedy.request("multiRead", { operations: reads.slice(0, 50) })).toMatchObject({
      results: { length: 50 },
    });
  });

  it("are served in their time: a long ACL, a deep tree", async () => {
    const acl = Array.from({ length: 40_000 }, (_, perms) => ({
      perms: perms << 5,
      id: { scheme: "world", id: "anyone" },
    }));
    const patient = await session();
    expect(await patient.request("create", { path: "/acl", data: null, acl, flags: 0 })).toEqual({ path: "/acl" });
    let path = "/deep";
    for (let depth = 0; depth < 1000; depth++, path += "/d") {
      patient.send(OpCode.create, (w) => operations.create.request.write(w, { path, data: null, acl: open, flags: 0 }));
    }
    for (let depth = 0; depth < 1000; depth++) expect((await patient.reply()).err).toBe(0);
    expect(await patient.request("getAllChildrenNumber", { path: "/" })).toEqual({ totalNumber: 1004 });
    expect(server.snapshot().znodes).toHaveLength(1005);
  });
});

describe("any bytes at all", () => {
  it("harm nobody, before a handshake", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), async (chunks) => {
        const bad = await connection();
        for (const chunk of chunks) bad.write(chunk);
        bad.socket.end();
        await bad.closed();
      }),
      { numRuns: 60 },
    );
    expect(server.stats.sessions).toBe(1);
  });

  it("harm nobody, within a session", async () => {
    const types = fc.oneof(fc.constantFrom(...Object.values(OpCode)), fc.integer({ min: -20, max: 120 }));
    const requests = fc.array(fc.tuple(types, fc.uint8Array({ maxLength: 60 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        const bad = await session();
        for (const [type, body] of all) {
          bad.write(frameOf((w) => [w.int(1), w.int(type), [...body].map((byte) => w.byte(byte))]));
        }
        bad.send(OpCode.closeSession);
        await bad.closed();
      }),
      { numRuns: 150 },
    );
    expect(server.stats.connections).toBe(1);
    for (const sessionId of server.leaks().sessions)
      if (sessionId !== client.session?.id) server.expireSession(sessionId);
    expect(server.leaks().watches).toEqual([]);
  });

  it("are cut into frames wherever they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
        const whole = await session();
        const bytes = Buffer.concat([
          frameOf((w) => [w.int(1), w.int(OpCode.exists), w.string("/"), w.boolean(false)]),
          frameOf((w) => [w.int(2), w.int(OpCode.sync), w.string("/x")]),
        ]);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          whole.write(bytes.subarray(at, at + size));
          at += size;
          await new Promise(setImmediate);
        }
        expect([(await whole.reply()).err, (await whole.reply()).err]).toEqual([0, 0]);
        whole.send(OpCode.closeSession);
        await whole.closed();
      }),
      { numRuns: 15 },
    );
  });
});
