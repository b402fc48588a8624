import { OpCode, Writer as WireWriter, type Writer, writeRequest } from "@quorate/protocol";
import { expect, test } from "vitest";
import { FaultProxy } from "../../src/proxy/fault-proxy.ts";
import { fakeServer } from "./fake-server.ts";
import { RawClient, session, wireRequests } from "./raw-client.ts";

const body =
  (path: string) =>
  (writer: Writer): void => {
    writer.string(path);
    writer.boolean(false);
  };
const get = (xid: number, path: string) => ({ xid, type: OpCode.getData, body: body(path) });
const exists = (xid: number, path: string) => ({ xid, type: OpCode.exists, body: body(path) });
const ping = { xid: -2, type: OpCode.ping };

async function setUp(chunkBytes?: number) {
  const server = await fakeServer(chunkBytes === undefined ? {} : { chunkBytes });
  const proxy = await FaultProxy.listen({ target: { host: "127.0.0.1", port: server.port } });
  const clients: RawClient[] = [];
  return {
    server,
    proxy,
    client: (): RawClient => {
      const client = new RawClient(proxy.port);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of clients) socket.destroy();
      await proxy.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test.each([1, 2, 3, 4, 5, 9, 13, 20, 1000])(
  "of pipelined requests drops the matching one's reply and passes those before it, replies in pieces of %i bytes",
  async (chunkBytes) => {
    await using setup = await setUp(chunkBytes);
    const client = setup.client();
    const drop = setup.proxy.dropReply({ op: "getData", path: "/b" });
    client.socket.write(session([exists(1, "/b"), get(2, "/a"), get(3, "/b"), get(4, "/c")]));
    await client.closed;
    expect(client.answered).toEqual([1, 2]);
    expect(await drop.settled).toBe("dropped");
    expect(setup.server.received.map(({ xid }) => xid)).toContain(3);
  },
);

test("the request may arrive byte by byte", async () => {
  await using setup = await setUp();
  const client = setup.client();
  setup.proxy.dropReply({ path: /^\/b/ });
  for (const byte of session([get(1, "/a"), get(2, "/bee")])) client.socket.write(Buffer.of(byte));
  await client.closed;
  expect(client.answered).toEqual([1]);
});

test("lets so many matching requests pass first, over connections too", async () => {
  await using setup = await setUp();
  const drop = setup.proxy.dropReply({ op: "getData", skip: 2 });
  const client = setup.client();
  client.socket.write(session([get(1, "/a"), exists(2, "/a")]));
  await expect.poll(() => client.answered).toEqual([1, 2]);
  const next = setup.client();
  next.socket.write(session([get(1, "/a"), get(2, "/a"), get(3, "/a")]));
  await next.closed;
  expect(next.answered).toEqual([1]);
  expect(drop.state).toBe("dropped");
});

test("drops one reply only: the next connection is served", async () => {
  await using setup = await setUp();
  setup.proxy.dropReply({ op: ["create", "getData"] });
  const first = setup.client();
  first.socket.write(session([get(1, "/a")]));
  await first.closed;
  const second = setup.client();
  second.socket.write(session([get(1, "/a")]));
  await expect.poll(() => second.answered).toEqual([1]);
});

test("a match without conditions takes no ping", async () => {
  await using setup = await setUp();
  const drop = setup.proxy.dropReply();
  const client = setup.client();
  client.socket.write(session([ping]));
  await expect.poll(() => client.answered).toEqual([-2]);
  client.socket.write(wireRequests([get(1, "/a")]));
  await client.closed;
  expect(drop.state).toBe("dropped");
});

test("a multi matches by any of its paths", async () => {
  await using setup = await setUp();
  const drop = setup.proxy.dropReply({ op: "multi", path: "/second" });
  const client = setup.client();
  client.socket.write(session([]));
  const writer = new WireWriter();
  const operations = [
    { op: "check", path: "/first", version: 1 },
    { op: "setData", path: "/second", data: null, version: -1 },
  ] as const;
  writeRequest(writer, 1, { op: "multi", operations });
  client.socket.write(writer.take());
  await client.closed;
  expect(drop.state).toBe("dropped");
});

test("a cancelled drop lets the reply through", async () => {
  await using setup = await setUp();
  const drop = setup.proxy.dropReply();
  drop.cancel();
  const client = setup.client();
  client.socket.write(session([get(1, "/a")]));
  await expect.poll(() => client.answered).toEqual([1]);
  expect(await drop.settled).toBe("cancelled");
});

test("waits for another request when the connection ends before the server has answered", async () => {
  await using setup = await setUp();
  const drop = setup.proxy.dropReply({ path: "/a" });
  setup.proxy.delayMs = 60_000;
  const first = setup.client();
  first.socket.write(session([get(1, "/a")]));
  await expect.poll(() => drop.state).toBe("forwarded");
  setup.proxy.delayMs = 0;
  setup.proxy.cut();
  await expect.poll(() => drop.state).toBe("armed");
  const second = setup.client();
  second.socket.write(session([get(1, "/a")]));
  await second.closed;
  expect(drop.state).toBe("dropped");
});

test("an armed drop that never matches disturbs nothing", async () => {
  await using setup = await setUp(3);
  setup.proxy.dropReply({ path: "/elsewhere" });
  const client = setup.client();
  client.socket.write(session([get(1, "/a"), get(2, "/b")]));
  await expect.poll(() => client.answered).toEqual([1, 2]);
  expect(setup.proxy.stats().requests).toBe(2);
});
