import { ErrorCode, OpCode, type Operation, ProtocolError, Reader, Writer, writeRequest, Xid } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { Traffic } from "../../src/relay/traffic.ts";

let traffic: Traffic;

beforeEach(() => {
  traffic = new Traffic();
});

/** The frame, without its length, that the C client makes of an operation. */
function asked(xid: number, operation: Operation): Buffer {
  const writer = new Writer();
  writeRequest(writer, xid, operation);
  return writer.take().subarray(4);
}

function answer(xid: number, zxid = 7n, errorCode = 0, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(16);
  head.writeInt32BE(xid, 0);
  head.writeBigInt64BE(zxid, 4);
  head.writeInt32BE(errorCode, 12);
  return Buffer.concat([head, body]);
}

/** Hands it to the C client, which sends it. */
function send(xid: number, operation: Operation, sentAt = 1, as: Operation = operation): Buffer {
  traffic.expect({ operation, resolve() {}, reject() {} });
  const frame = asked(xid, as);
  traffic.sent(frame, sentAt);
  return frame;
}

const exists: Operation = { op: "exists", path: "/a", watch: false };
const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

describe("what the C client must not see", () => {
  it.each([
    ["with nothing asked", 99],
    ["to a ping that nobody sent", Xid.ping],
    ["to credentials that nobody sent", Xid.auth],
    ["to watches that nobody set", Xid.setWatches],
  ])("an answer %s", (_what, xid) => {
    expect(() => traffic.received(answer(xid))).toThrow(ProtocolError);
  });

  it("an answer to another request than the oldest", () => {
    send(5, exists);
    send(6, exists);
    expect(() => traffic.received(answer(6, 7n, -101))).toThrow("xid 6 that nobody asked for");
    expect(traffic.received(answer(5, 7n, -101))).toMatchObject({ kind: "answer", errorCode: -101 });
  });

  it("an answer that cannot be decoded; its request is still without one", () => {
    send(5, { op: "getData", path: "/a", watch: false }, 3);
    expect(() => traffic.received(answer(5, 7n, 0, Buffer.from("7fffffff", "hex")))).toThrow();
    expect(traffic.unansweredSince).toBe(3);
    expect(traffic.acknowledgedAt).toBeUndefined();
  });

  it("a request that nobody has made does not reach the server", () => {
    expect(() => traffic.sent(asked(5, exists), 1)).toThrow(ProtocolError);
  });

  it("the answer to a closeSession that it did not ask for", () => {
    const frame = Buffer.alloc(8);
    frame.writeInt32BE(1, 0);
    frame.writeInt32BE(OpCode.closeSession, 4);
    traffic.sent(frame, 1);
    expect(traffic.received(answer(1))).toEqual({ kind: "closed" });
  });
});

describe("what the binding has no words for is put into its frames", () => {
  it("null data, and a create that tells the stat", () => {
    const operation: Operation = { op: "create2", path: "/ä", data: null, acl, flags: 1 };
    const sent = send(5, operation, 1, { ...operation, op: "create", data: new Uint8Array(0) });
    expect(sent).toEqual(asked(5, operation));
  });

  it("null data to set", () => {
    const operation: Operation = { op: "setData", path: "/a", data: null, version: 3 };
    expect(send(5, operation, 1, { ...operation, data: new Uint8Array(0) })).toEqual(asked(5, operation));
  });

  it("times to live beyond 32 bits", () => {
    const operation: Operation = { op: "createTtl", path: "/a", data: null, acl, flags: 5, ttl: 2n ** 39n };
    const sent = send(5, operation, 1, { ...operation, data: new Uint8Array(0), ttl: 1n });
    expect(sent).toEqual(asked(5, operation));
  });

  it("bytes stay as they are", () => {
    const operation: Operation = { op: "setData", path: "/a", data: new Uint8Array([1, 2]), version: 3 };
    expect(send(5, operation)).toEqual(asked(5, operation));
  });
});

describe("what the answers tell of the session", () => {
  it("the newest request with an answer acknowledges it; credentials do not", () => {
    send(5, exists, 10);
    expect(traffic.unansweredSince).toBe(10);
    traffic.received(answer(5, 40n, ErrorCode.NO_NODE));
    expect(traffic.acknowledgedAt).toBe(10);
    expect(traffic.lastZxid).toBe(40n);
    const auth = Buffer.alloc(8);
    auth.writeInt32BE(Xid.auth, 0);
    traffic.sent(auth, 20);
    expect(traffic.received(answer(Xid.auth, 0n))).toEqual({ kind: "auth", errorCode: 0 });
    expect(traffic.acknowledgedAt).toBe(10);
    expect(traffic.unansweredSince).toBeUndefined();
  });

  it("zxids are exact", () => {
    const zxid = 2n ** 60n + 1n;
    send(5, exists);
    const writer = new Writer();
    for (const long of [zxid, zxid, 0n, 0n]) writer.long(long);
    for (const int of [0, 0, 0]) writer.int(int);
    writer.long(0n);
    for (const int of [0, 0]) writer.int(int);
    writer.long(zxid);
    const body = writer.take();
    expect(new Reader(body).long()).toBe(zxid);
    expect(traffic.received(answer(5, zxid, 0, body))).toMatchObject({ reply: { stat: { czxid: zxid, pzxid: zxid } } });
  });

  it("what the C client refuses after all is not waited for", () => {
    const call = { operation: exists, resolve() {}, reject() {} };
    traffic.expect(call);
    expect(traffic.isBehind).toBe(true);
    traffic.forget(call);
    expect(traffic.isBehind).toBe(false);
  });
});
