import { expect, test } from "vitest";
import { OpCode, Xid } from "../../src/codes.ts";
import { nothing } from "../../src/jute/codec.ts";
import { Reader } from "../../src/jute/reader.ts";
import { Writer } from "../../src/jute/writer.ts";
import { operationName, operations } from "../../src/operations/operations.ts";
import { SetWatches2Request, SetWatchesRequest } from "../../src/records/requests.ts";
import {
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  ReplyHeader,
  RequestHeader,
  WatcherEvent,
} from "../../src/records/session.ts";
import type { AnyCodec } from "../support/codecs.ts";
import { asRead, type CapturedFrame, traffic } from "../support/golden.ts";

/** The two steps in which Java's reader misses what is on the wire. */
const misreadByJava: Readonly<Record<string, (frame: CapturedFrame) => CapturedFrame>> = {
  // It knows no create2 in a multi, and takes it for a create.
  "multi with create2": (frame) => (frame.from === "server" ? frame : withOperation(frame, "create2")),
  // It reads UTF-8 only, while the server's writer writes a character beyond the common plane as two surrogates.
  "getAcl, id in surrogates": (frame) => (frame.from === "client" ? frame : withAclId(frame, "\u{1f600}:x")),
};

function withOperation(frame: CapturedFrame, op: string): CapturedFrame {
  const [operation] = (frame.fields?.["operations"] ?? []) as object[];
  return { ...frame, fields: { operations: [{ ...operation, op }] } };
}

function withAclId(frame: CapturedFrame, id: string): CapturedFrame {
  return { ...frame, fields: { ...frame.fields, acl: [{ perms: 31, id: { scheme: "digest", id } }] } };
}

/** What a driver sends besides the operations. */
const own = new Map<number, AnyCodec>([
  [OpCode.ping, nothing],
  [OpCode.auth, AuthPacket],
  [OpCode.setWatches, SetWatchesRequest],
  [OpCode.setWatches2, SetWatches2Request],
]);

function codecOf(frame: CapturedFrame, type: number): AnyCodec {
  const { from, header } = frame;
  if (header === undefined) return from === "client" ? ConnectRequest : ConnectResponse;
  if (header.xid === Xid.notification) return WatcherEvent;
  const name = operationName(type);
  if (from === "client") return name === undefined ? (own.get(type) ?? nothing) : operations[name].request;
  return header.err !== 0 || name === undefined ? nothing : operations[name].reply;
}

let types = new Map<number, number>();
const frames = traffic.map((frame, number) => {
  if (frame.header === undefined && frame.from === "client") types = new Map();
  if (frame.header !== undefined && frame.from === "client") types.set(frame.header.xid, frame.header.type);
  const known = misreadByJava[frame.step]?.(frame) ?? frame;
  const type = frame.header === undefined ? 0 : (types.get(frame.header.xid) ?? 0);
  return { ...known, number, codec: codecOf(frame, type) };
});

test.each(frames)("frame $number: $step, from the $from", ({ codec, from, header, fields = {}, hex }) => {
  const headerCodec = from === "client" ? RequestHeader : ReplyHeader;
  const { isExact } = asRead(codec, fields);

  const reader = new Reader(Buffer.from(hex, "hex"));
  if (header !== undefined) expect(headerCodec.read(reader)).toEqual(header);
  expect(codec.read(reader)).toEqual(fields);
  expect(reader.remaining).toBe(0);

  const writer = new Writer();
  if (header !== undefined) headerCodec.write(writer, header);
  codec.write(writer, fields as never);
  if (isExact) expect(writer.take().toString("hex")).toBe(hex);
});

test("a failed transaction is answered with success, and an error for each operation", () => {
  const answer = frames.find(({ step, from }) => step === "multi that fails" && from === "server");
  expect(answer).toMatchObject({
    header: { err: 0 },
    fields: {
      results: [
        { op: "error", err: 0 },
        { op: "error", err: -101 },
        { op: "error", err: -2 },
      ],
    },
  });
});

test("a server answers create2 in a transaction with a path alone, containers and TTL nodes with a Stat", () => {
  const results = frames
    .filter(({ step, from }) => step.startsWith("multi with") || (step === "multi" && from === "server"))
    .flatMap(({ fields }) => (fields?.["results"] ?? []) as { op: string }[]);
  expect(results.map(({ op }) => op)).toEqual([
    ...["create", "create2", "create2", "setData", "check", "delete"],
    ...["create"],
  ]);
});

test("the traffic has every operation in both directions", () => {
  const seen = new Set(
    frames.map(({ header, from }) => (from === "client" ? operationName(header?.type ?? 0) : undefined)),
  );
  for (const name of Object.keys(operations)) expect(seen).toContain(name);
  expect(frames.map(({ record }) => record)).toContain("WatcherEvent");
});
