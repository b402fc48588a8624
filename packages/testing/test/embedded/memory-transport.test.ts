import { type ByteStream, connect, wireDriver } from "@quorate/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MemoryTransport } from "../../src/embedded/connection/memory-transport.ts";
import type { ServerStream } from "../../src/embedded/connection/server-stream.ts";
import { EmbeddedServer } from "../../src/index.ts";

let events: string[] = [];
let serverEnd: ServerStream | undefined;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  events = [];
  serverEnd = undefined;
});
afterEach(() => {
  events = [];
});

function dial(takes = true): ByteStream {
  const transport = new MemoryTransport((stream) => {
    if (!takes) return undefined;
    serverEnd = stream;
    return {
      data: (chunk) => events.push(`server got ${Buffer.from(chunk).toString()}`),
      drain: () => {},
      close: () => events.push("server closed"),
    };
  });
  const stream = transport.connect(
    { host: "any", address: "any", port: 1, tls: undefined },
    {
      open: () => events.push("open"),
      data: (chunk) => events.push(`client got ${Buffer.from(chunk).toString()}`),
      close: ({ message }) => events.push(`client closed: ${message}`),
    },
  );
  expect(events).toEqual([]);
  return stream;
}

it("carries bytes both ways, in order, never within the call", async () => {
  const client = dial();
  await turn();
  expect(events).toEqual(["open"]);
  client.write(Buffer.from("a"));
  client.write(Buffer.from("b"));
  serverEnd?.write(Buffer.from("c"));
  expect(events).toEqual(["open"]);
  expect(client.queuedBytes).toBe(2);
  await turn();
  await turn();
  expect(events.slice(1).sort()).toEqual(["client got c", "server got a", "server got b"]);
  expect(client.queuedBytes).toBe(0);
});

it("holds back what a paused server is sent", async () => {
  const client = dial();
  await turn();
  serverEnd?.pause();
  client.write(Buffer.from("a"));
  await turn();
  await turn();
  expect(events).toEqual(["open"]);
  expect(client.queuedBytes).toBe(1);
  serverEnd?.resume();
  await turn();
  await turn();
  expect(events).toEqual(["open", "server got a"]);
});

it("tells the client of the end, behind what was written before", async () => {
  const client = dial();
  await turn();
  serverEnd?.write(Buffer.from("bye"));
  serverEnd?.end();
  client.write(Buffer.from("unheard"));
  for (let i = 0; i < 4; i++) await turn();
  expect(events).toEqual([
    "open",
    "client got bye",
    "client closed: the server closed the connection",
    "server closed",
  ]);
});

it("tells neither side of its own end, nor of the other's afterwards", async () => {
  const client = dial();
  await turn();
  client.write(Buffer.from("dropped"));
  client.destroy();
  client.destroy();
  serverEnd?.destroy();
  for (let i = 0; i < 3; i++) await turn();
  expect(events).toEqual(["open", "server closed"]);

  events = [];
  const other = dial();
  await turn();
  serverEnd?.destroy();
  other.destroy();
  for (let i = 0; i < 3; i++) await turn();
  expect(events).toEqual(["open"]);
});

it("refuses where nothing is served, unless the client has gone before", async () => {
  dial(false);
  await turn();
  expect(events).toEqual(["client closed: connect ECONNREFUSED: the embedded server is down"]);
  events = [];
  dial(false).destroy();
  await turn();
  expect(events).toEqual([]);
});

it("carries more than the server sends at once", async () => {
  await using server = await EmbeddedServer.start({ listen: false });
  const client = await connect("embedded:1", { driver: wireDriver({ transport: server.transport }) });
  await client.create("/big", Buffer.alloc(1_000_000));
  const all = await Promise.all(Array.from({ length: 20 }, () => client.get("/big")));
  expect(all.every(({ data }) => data?.length === 1_000_000)).toBe(true);
  await client.close();
});
