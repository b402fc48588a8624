import { type Client, connect, TooLargeError } from "@quorate/core";
import type { FaultProxy } from "@quorate/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { failureOf, shown } from "../support/failures.ts";
import { observing } from "../support/observing.ts";
import { ownPath } from "../support/own-path.ts";
import { proxyTo, traffic } from "../support/wire.ts";

const { members } = inject("zookeeper");

/** The default of ZooKeeper's `jute.maxbuffer`, which bounds a whole request. */
const maxRequestBytes = 1_048_575;

let proxy: FaultProxy;
let client: Client;
let observer: Client;
let root: string;

beforeAll(async () => {
  proxy = await proxyTo(members[0]);
  client = await connect(proxy.connectString, { retry: false });
  observer = await connect(members[1] ?? "", observing);
});

afterAll(async () => {
  await client?.close();
  await observer?.close();
  await proxy?.close();
});

beforeEach(async () => {
  root = await ownPath(client);
});

/** Bytes that show where they were cut or mixed up. */
function pattern(length: number): Uint8Array {
  const content = new Uint8Array(length);
  for (let at = 0; at < length; at += 4) new DataView(content.buffer).setUint32(at, at);
  return content;
}

const rounded = (length: number): number => length - (length % 4);

/** What a request for `path` holds beside its data: xid, type, path, length of the data, version. */
const overheadOfSet = (path: string): number => 4 + 4 + 4 + Buffer.byteLength(path) + 4 + 4;

test("a megabyte, up to the last byte the servers take, goes there and comes back", async () => {
  const path = (await client.create(`${root}/large`)).path;
  const largest = maxRequestBytes - overheadOfSet(path);
  const data = new Uint8Array(largest);
  data.set(pattern(rounded(largest)));
  const stat = await client.set(path, data);
  expect(stat.dataLength).toBe(largest);
  await observer.sync(path);
  const read = await observer.get(path);
  expect(Buffer.compare(read.data ?? new Uint8Array(), data)).toBe(0);
  expect(Buffer.compare((await client.get(path)).data ?? new Uint8Array(), data)).toBe(0);
});

test("one byte more is refused before it is sent, and the session kept", async () => {
  const path = (await client.create(`${root}/large`, "kept")).path;
  const before = client.session.id;
  const tooMuch = new Uint8Array(maxRequestBytes - overheadOfSet(path) + 1).fill(0x61);
  const { connections } = proxy.stats();
  const { requests } = await traffic(proxy, async () => {
    const error = await failureOf(client.set(path, tooMuch));
    expect(error).toBeInstanceOf(TooLargeError);
    expect(error).toMatchObject({ code: "TOO_LARGE", op: "set", path, retryable: false });
    expect(error.message).toContain(String(maxRequestBytes + 1));
    expect(error.message).toContain("jute.maxbuffer");
    expect(shown(error)).not.toContain("aaaa");
    const refused = [
      client.create(`${root}/other`, tooMuch),
      client.session.set(path, tooMuch),
      client.transaction().set(path, tooMuch.subarray(1)).set(path, "x").commit(),
      client.set(path, tooMuch, { timeoutMs: 10_000, version: 0 }),
    ];
    for (const failure of await Promise.all(refused.map((each: Promise<unknown>) => failureOf(each)))) {
      expect(failure).toBeInstanceOf(TooLargeError);
    }
  });
  expect(requests).toEqual({});
  expect(proxy.stats().connections).toBe(connections);
  expect(client.session.id).toBe(before);
  expect((await client.get(path)).stat.version).toBe(0);
});

test("requests in flight beside one that is too large are served", async () => {
  const path = (await client.create(`${root}/n`)).path;
  const [first, refused, last] = await Promise.allSettled([
    client.set(path, "first"),
    client.set(path, new Uint8Array(2 * maxRequestBytes)),
    client.set(path, "last"),
  ]);
  expect([first.status, refused.status, last.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((await client.get(path)).stat.version).toBe(2);
});

test("a server that takes less than it was said to cuts the connection: the write is lost, the session kept", async () => {
  await using daring = await connect(proxy.connectString, { maxRequestBytes: 4 * 1024 * 1024, retry: false });
  const { id } = daring.session;
  const path = (await daring.create(`${root}/n`, "kept")).path;
  const error = await failureOf(daring.set(path, new Uint8Array(2 * 1024 * 1024)));
  expect(error).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown", op: "set", path });
  await daring.whenConnected();
  expect(daring.session.id).toBe(id);
  expect((await daring.get(path)).stat.version).toBe(0);
});

describe("children by the thousand", () => {
  const count = 4000;
  const nameOf = (index: number): string => `${"n".repeat(100)}-${String(index).padStart(6, "0")}`;
  let parent: string;
  let expected: string[];

  beforeAll(async () => {
    parent = await ownPath(client);
    expected = Array.from({ length: count }, (_, index) => nameOf(index));
    for (let start = 0; start < count; start += 500) {
      const batch = observer.transaction();
      for (const name of expected.slice(start, start + 500)) batch.create(`${parent}/${name}`);
      await batch.commit();
    }
    await client.sync(parent);
  });

  test("a listing of several hundred KB, in many TCP chunks", async () => {
    const before = proxy.stats();
    const names = await client.children(parent);
    const after = proxy.stats();
    expect(names.sort()).toEqual(expected);
    expect(after.replyBytes - before.replyBytes).toBeGreaterThan(count * nameOf(0).length);
    expect(after.replyChunks - before.replyChunks).toBeGreaterThan(1);
    expect(await client.countDescendants(parent)).toBe(count);
    expect(await client.exists(parent)).toMatchObject({ numChildren: count });
  });

  test("large replies one after the other, with small ones in between, are told apart", async () => {
    const data = pattern(rounded(900_000));
    await client.create(`${root}/large`, data);
    await client.create(`${root}/small`, "small");
    const rounds = Array.from({ length: 10 }, () =>
      Promise.all([client.children(parent), client.get(`${root}/small`), client.get(`${root}/large`)]),
    );
    for (const [names, small, large] of await Promise.all(rounds)) {
      expect(names).toHaveLength(count);
      expect(small.stat.dataLength).toBe(5);
      expect(Buffer.compare(large.data ?? new Uint8Array(), data)).toBe(0);
    }
  });

  test("are deleted with their parent", async () => {
    await client.delete(parent, { recursive: true });
    await observer.sync("/");
    expect(await observer.exists(parent)).toBeUndefined();
  });
});
