import fc, { type Arbitrary } from "fast-check";
import { expect, test } from "vitest";
import { operations } from "../../src/operations/operations.ts";
import { ProtocolError } from "../../src/protocol-error.ts";
import { GetChildrenReply } from "../../src/records/replies.ts";
import { arbitraryOf } from "../support/arbitraries.ts";
import { type AnyCodec, decode, encode, readers } from "../support/codecs.ts";

function readsOrRefuses(codec: AnyCodec, bytes: Uint8Array): void {
  try {
    decode(codec, bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

/** Valid bytes, cut off, or with some bytes overwritten: these get further into a reader than random ones. */
function damaged(codec: AnyCodec): Arbitrary<Uint8Array> {
  const damage = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 4 });
  return fc.tuple(arbitraryOf(codec), damage, fc.nat({ max: 400 })).map(([value, changes, cut]) => {
    const bytes = encode(codec, value);
    for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return cut < bytes.length ? bytes.subarray(0, cut) : bytes;
  });
}

test.each([...readers])("%s: any bytes give a value or a ProtocolError", (_name, codec) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsOrRefuses(codec, bytes)));
  fc.assert(fc.property(damaged(codec), (bytes) => readsOrRefuses(codec, bytes)));
});

test.each([...readers])("%s: a record cut off is refused", (_name, codec) => {
  fc.assert(
    fc.property(arbitraryOf(codec), fc.nat(), (value, at) => {
      const bytes = encode(codec, value);
      const cut = bytes.length === 0 ? 0 : at % bytes.length;
      // A trailing boolean may be absent, so that the last byte may be missing there; and nothing cannot be cut.
      const mayEnd = cut === bytes.length - 1 && typeof value === "object" && value !== null && "readOnly" in value;
      if (cut === bytes.length || mayEnd) return;
      expect(() => decode(codec, bytes.subarray(0, cut))).toThrow(ProtocolError);
    }),
    { numRuns: 50 },
  );
});

function bytesOf(...ints: number[]): Buffer {
  const bytes = Buffer.alloc(ints.length * 4);
  for (const [i, value] of ints.entries()) bytes.writeInt32BE(value, i * 4);
  return bytes;
}

test("a count that the frame has no room for is refused before any element is read", () => {
  for (const count of [0x7fff_ffff, 5, -2, -0x8000_0000]) {
    expect(() => decode(GetChildrenReply, bytesOf(count, 0))).toThrow(/length .* does not fit/);
  }
});

test("a listing of as many empty names as a frame of 1 MiB can hold reads", () => {
  const count = 1024 * 256 - 1;
  const frame = Buffer.alloc(4 + count * 4);
  frame.writeInt32BE(count, 0);
  expect(decode(GetChildrenReply, frame)).toHaveProperty("children.length", count);
});

test("a multi of very many members reads, and one that never ends is refused", () => {
  const count = 50_000;
  const header = Buffer.from("000000020000000000", "hex");
  const members = Buffer.alloc(count * header.length, header);
  const end = Buffer.from("ffffffff01ffffffff", "hex");
  const { reply } = operations.multi;
  expect(decode(reply, Buffer.concat([members, end]))).toHaveProperty("results.length", count);
  expect(() => decode(reply, members)).toThrow(ProtocolError);
});

test("a multi within a multi, or an operation nobody knows, is refused", () => {
  for (const type of [14, 22, 4711, -11]) {
    const bytes = Buffer.concat([bytesOf(type), Buffer.from([0]), bytesOf(0)]);
    expect(() => decode(operations.multi.reply, bytes)).toThrow(`unknown operation type ${type} in a multi`);
    expect(() => decode(operations.multi.request, bytes)).toThrow(ProtocolError);
  }
});
