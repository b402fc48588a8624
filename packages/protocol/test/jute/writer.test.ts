import fc from "fast-check";
import { expect, test } from "vitest";
import { EncodingError } from "../../src/encoding-error.ts";
import { writeRequest } from "../../src/frames/requests.ts";
import { Writer } from "../../src/jute/writer.ts";
import type { Operation } from "../../src/operations/operations.ts";
import { ProtocolError } from "../../src/protocol-error.ts";

test("bytes taken are never written to again", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 4 }), { maxLength: 6 }), (ticks) => {
      const writer = new Writer();
      const taken = ticks.map((values) => {
        for (const value of values) writer.buffer(value);
        const bytes = writer.take();
        return { bytes, hex: bytes.toString("hex") };
      });
      writer.buffer(new Uint8Array(4096).fill(0xff));
      for (const { bytes, hex } of taken) expect(bytes.toString("hex")).toBe(hex);
      const expected = ticks.flat().flatMap((value) => [lengthOf(value), value]);
      expect(Buffer.concat(taken.map(({ bytes }) => bytes))).toEqual(Buffer.concat(expected));
    }),
    { numRuns: 50 },
  );
});

function lengthOf(value: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(value.length);
  return prefix;
}

test("text longer than the buffer, of one to four bytes a character, makes it grow", () => {
  for (const character of ["a", "\u00fc", "\u20ac", "\u{1f600}"]) {
    const text = character.repeat(5000);
    const writer = new Writer(1);
    writer.string("before");
    writer.string(text);
    writer.int(7);
    const bytes = writer.take();
    expect(bytes.subarray(14, -4).toString()).toBe(text);
    expect(bytes.readInt32BE(10)).toBe(Buffer.byteLength(text));
    expect(bytes.readInt32BE(bytes.length - 4)).toBe(7);
  }
});

test("a frame that cannot be written leaves nothing behind, and the ones around it are whole", () => {
  const writer = new Writer(8);
  writeRequest(writer, 1, { op: "closeSession" });
  const acl = [{ perms: 31, id: { scheme: "world", id: undefined as unknown as string } }];
  const data = new Uint8Array(5000);
  expect(() => writeRequest(writer, 2, { op: "create", path: "/a", data, acl, flags: 0 })).toThrow(EncodingError);
  expect(writer.length).toBe(12);
  writeRequest(writer, 3, { op: "whoAmI" });
  expect(writer.take().toString("hex")).toBe("0000000800000001fffffff500000008000000030000006b");
});

test.each([
  ["undefined for a number", { op: "delete", path: "/a", version: undefined }],
  ["a number out of range", { op: "delete", path: "/a", version: 2 ** 31 }],
  ["a fraction", { op: "delete", path: "/a", version: 0.5 }],
  ["a number for a path", { op: "delete", path: 5, version: 0 }],
  ["text for bytes", { op: "setData", path: "/a", data: "text", version: 0 }],
  ["undefined for bytes", { op: "setData", path: "/a", data: undefined, version: 0 }],
  ["a bigint out of range", { op: "createTtl", path: "/a", data: null, acl: [], flags: 5, ttl: 2n ** 63n }],
  ["a number for a long", { op: "createTtl", path: "/a", data: null, acl: [], flags: 5, ttl: 5 }],
  ["no list of operations", { op: "multi" }],
  ["what cannot be in a multi", { op: "multi", operations: [{ op: "sync", path: "/a" }] }],
  ["an unknown operation", { op: "dance" }],
])("refuses %s, with nothing written", (_what, operation) => {
  const writer = new Writer();
  expect(() => writeRequest(writer, 1, operation as unknown as Operation)).toThrow(EncodingError);
  expect(writer.length).toBe(0);
});

test("an error of the SDK passes through a frame as it is", () => {
  const refusal = new ProtocolError("too large");
  expect(() =>
    new Writer().frame(() => {
      throw refusal;
    }),
  ).toThrow(refusal);
});

test("half a frame cannot be taken", () => {
  const writer = new Writer();
  expect(() => writer.frame(() => writer.take())).toThrow("a frame is still being written");
  writer.frame(() => writer.int(1));
  expect(writer.take()).toHaveLength(8);
});
