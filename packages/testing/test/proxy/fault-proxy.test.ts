import { OpCode, type Writer, Xid } from "@quorate/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { FaultProxy, type FaultProxyOptions } from "../../src/proxy/fault-proxy.ts";
import { type FakeServer, fakeServer, listen } from "./fake-server.ts";
import { RawClient, session, wireRequests } from "./raw-client.ts";

const open: AsyncDisposable[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

async function proxyTo(port: number, options: Partial<FaultProxyOptions> = {}): Promise<FaultProxy> {
  return keep(await FaultProxy.listen({ target: { host: "127.0.0.1", port }, ...options }));
}

async function proxiedServer(chunkBytes?: number): Promise<{ server: FakeServer; proxy: FaultProxy }> {
  const server = keep(await fakeServer(chunkBytes === undefined ? {} : { chunkBytes }));
  return { server, proxy: await proxyTo(server.port) };
}

function client(proxy: FaultProxy, options: { readonly frames?: boolean } = {}): RawClient {
  const made = new RawClient(proxy.port, options);
  clients.push(made);
  return made;
}

const path =
  (value: string) =>
  (writer: Writer): void => {
    writer.string(value);
    writer.boolean(false);
  };
const get = (xid: number, of: string) => ({ xid, type: OpCode.getData, body: path(of) });
const ping = { xid: Xid.ping, type: OpCode.ping };

const eventually = (check: () => void): Promise<void> =>
  expect.poll(() => (check(), true), { timeout: 10_000 }).toBe(true);
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

describe("passing", () => {
  test("forwards both ways and counts", async () => {
    const { proxy, server } = await proxiedServer();
    const one = client(proxy);
    one.socket.write(session([get(1, "/a"), get(2, "/b"), ping]));
    await eventually(() => expect(one.answered).toEqual([1, 2, Xid.ping]));
    one.socket.write(wireRequests([get(3, "/c")]));
    await eventually(() => expect(one.answered).toEqual([1, 2, Xid.ping, 3]));
    expect(server.received).toHaveLength(4);
    const stats = proxy.stats();
    expect(stats).toMatchObject({ connections: 1, liveConnections: 1, requests: 3, roundTrips: 2 });
    expect(stats.requestsByOp).toEqual({ getData: 3, ping: 1 });
    expect(stats.requestBytes).toBe(
      session([get(1, "/a"), get(2, "/b"), ping]).length + wireRequests([get(3, "/c")]).length,
    );
  });

  test.each([1, 2, 3, 5, 7])("counts right when both sides send %i bytes at a time", async (chunkBytes) => {
    const { proxy } = await proxiedServer(chunkBytes);
    const one = client(proxy);
    const bytes = session([get(1, "/a"), get(2, "/b")]);
    for (let at = 0; at < bytes.length; at += chunkBytes) one.socket.write(bytes.subarray(at, at + chunkBytes));
    await eventually(() => expect(one.answered).toEqual([1, 2]));
    expect(proxy.stats().requests).toBe(2);
  });

  test("a function as target is asked anew for each connection, and its failure resets the client", async () => {
    const servers = [keep(await fakeServer()), keep(await fakeServer())];
    let turn = 0;
    const target = (): { host: string; port: number } => {
      const server = servers[turn++];
      if (server === undefined) throw new Error("down");
      return { host: "127.0.0.1", port: server.port };
    };
    const proxy = await proxyTo(0, { target });
    for (const server of servers) {
      const one = client(proxy);
      one.socket.write(session([get(1, "/a")]));
      await eventually(() => expect(one.answered).toEqual([1]));
      expect(server.received).toHaveLength(1);
    }
    expect(await client(proxy).closed).toEqual({ hadError: true });
  });

  test("resets the client when the server refuses, at once or after dialRetryMs", async () => {
    const gone = await fakeServer();
    await gone[Symbol.asyncDispose]();
    expect(await client(await proxyTo(gone.port)).closed).toEqual({ hadError: true });
    expect(await client(await proxyTo(gone.port, { dialRetryMs: 60 })).closed).toEqual({ hadError: true });
  });

  test("dialRetryMs bridges the time until the server listens", async () => {
    let port = 0;
    const target = (): { host: string; port: number } => ({ host: "127.0.0.1", port });
    const proxy = await proxyTo(0, { target, dialRetryMs: 10_000 });
    const one = client(proxy);
    one.socket.write(session([get(1, "/a")]));
    await quiet();
    expect(one.socket.destroyed).toBe(false);
    port = keep(await fakeServer()).port;
    await eventually(() => expect(one.answered).toEqual([1]));
  });

  test("hands the end of either side on", async () => {
    const echo = keep(await listen((socket) => socket.pipe(socket)));
    const proxy = await proxyTo(echo.port);
    const one = client(proxy, { frames: false });
    one.socket.end("ruok");
    expect(await one.closed).toEqual({ hadError: false });
    expect(one.received.toString()).toBe("ruok");
    await eventually(() => expect(proxy.stats().liveConnections).toBe(0));
    expect(proxy.stats().requests).toBe(0);
  });

  test("passes what it cannot read: TLS", async () => {
    const echo = keep(await listen((socket) => socket.pipe(socket)));
    const proxy = await proxyTo(echo.port);
    proxy.dropReply();
    const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), Buffer.alloc(5000, 1)]);
    const one = client(proxy, { frames: false });
    one.socket.write(hello);
    await eventually(() => expect(one.received.equals(hello)).toBe(true));
  });

  test.each([0, 5])("megabytes come through whole, delay %i ms", async (delayMs) => {
    const echo = keep(await listen((socket) => socket.pipe(socket)));
    const proxy = await proxyTo(echo.port, { parse: false });
    proxy.delayMs = delayMs;
    const one = client(proxy, { frames: false });
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index) % 251));
    one.socket.end(sent);
    await one.closed;
    expect(one.received.equals(sent)).toBe(true);
    expect(proxy.stats()).toMatchObject({ requestChunks: 0, replyBytes: 0 });
  });

  test("keeps memory bounded against a client that does not read", async () => {
    let sent = 0;
    const firehose = keep(
      await listen((socket) => {
        const chunk = Buffer.alloc(64 * 1024);
        const push = (): void => {
          do sent += chunk.length;
          while (socket.write(chunk));
        };
        socket.on("drain", push);
        push();
      }),
    );
    const proxy = await proxyTo(firehose.port, { parse: false });
    const one = client(proxy, { frames: false });
    one.socket.pause();
    // Kernel buffers take some; what matters is that it comes to a stand.
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = sent === before;
          before = sent;
          return isStill;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    one.socket.destroy();
    await eventually(() => expect(proxy.stats().liveConnections).toBe(0));
  });
});

describe("faults", () => {
  test("refuse resets new connections and leaves live ones alone", async () => {
    const { proxy } = await proxiedServer();
    const live = client(proxy);
    live.socket.write(session([get(1, "/a")]));
    await eventually(() => expect(live.answered).toEqual([1]));
    proxy.mode = "refuse";
    await client(proxy).closed;
    expect(proxy.stats().connections).toBe(1);
    live.socket.write(wireRequests([get(2, "/a")]));
    await eventually(() => expect(live.answered).toEqual([1, 2]));
  });

  test("cut destroys the live connections on both sides", async () => {
    const { proxy, server } = await proxiedServer();
    const one = client(proxy);
    one.socket.write(session([get(1, "/a")]));
    await eventually(() => expect(one.answered).toEqual([1]));
    expect(proxy.cut()).toBe(1);
    await one.closed;
    await eventually(() => expect(server.sockets.size).toBe(0));
    expect(proxy.stats().liveConnections).toBe(0);
    expect(proxy.cut()).toBe(0);
  });

  test("blackhole swallows both ways, accepts in silence, and cuts on leaving what has lost bytes", async () => {
    const { proxy, server } = await proxiedServer();
    const [busy, idle] = [client(proxy), client(proxy)];
    for (const one of [busy, idle]) {
      one.socket.write(session([get(1, "/a")]));
      await eventually(() => expect(one.answered).toEqual([1]));
    }
    proxy.mode = "blackhole";
    busy.socket.write(wireRequests([get(2, "/a")]));
    const late = client(proxy);
    late.socket.write(session([]));
    await quiet();
    expect(server.received).toHaveLength(2);
    expect([busy.answered, late.frames]).toEqual([[1], []]);
    expect([busy, idle, late].map((one) => one.socket.destroyed)).toEqual([false, false, false]);
    proxy.mode = "pass";
    await Promise.all([busy.closed, late.closed]);
    idle.socket.write(wireRequests([get(3, "/a")]));
    await eventually(() => expect(idle.answered).toEqual([1, 3]));
  });

  test("in a blackhole the server does not learn that the client has gone", async () => {
    const { proxy, server } = await proxiedServer();
    const one = client(proxy);
    one.socket.write(session([get(1, "/a")]));
    await eventually(() => expect(one.answered).toEqual([1]));
    proxy.mode = "blackhole";
    one.socket.destroy();
    await quiet();
    expect(server.sockets.size).toBe(1);
    proxy.mode = "pass";
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  test("delay holds everything, in order, and a shorter delay overtakes nothing", async () => {
    const { proxy, server } = await proxiedServer();
    const one = client(proxy);
    proxy.delayMs = 150;
    const startMs = performance.now();
    one.socket.write(session([get(1, "/a")]));
    await eventually(() => expect(proxy.stats().requests).toBe(1));
    proxy.delayMs = 0;
    one.socket.write(wireRequests([get(2, "/a")]));
    await eventually(() => expect(one.answered).toEqual([1, 2]));
    expect(server.received.map(({ xid }) => xid)).toEqual([1, 2]);
    // A lower bound: timers are never early by more than their granularity.
    expect(performance.now() - startMs).toBeGreaterThan(145);
  });

  test("close cuts, frees the port and cancels what is armed", async () => {
    const { proxy, server } = await proxiedServer();
    const one = client(proxy);
    one.socket.write(session([get(1, "/a")]));
    await eventually(() => expect(one.answered).toEqual([1]));
    const drop = proxy.dropReply();
    await Promise.all([proxy.close(), proxy.close()]);
    expect(await drop.settled).toBe("cancelled");
    await one.closed;
    await eventually(() => expect(server.sockets.size).toBe(0));
    keep(await FaultProxy.listen({ target: { host: "127.0.0.1", port: 1 }, port: proxy.port }));
    expect(proxy.dropReply().state).toBe("cancelled");
  });
});
