import { expect, test } from "vitest";
import { Reader } from "../../src/jute/reader.ts";
import { ProtocolError } from "../../src/protocol-error.ts";

test("reads from a view into a larger buffer only what is in the view", () => {
  const reader = new Reader(new Uint8Array([9, 9, 0, 0, 0, 7, 9, 9]).subarray(2, 6));
  expect(reader.remaining).toBe(4);
  expect(reader.int()).toBe(7);
  expect(() => reader.byte()).toThrow("frame ends 1 bytes early");
});

test("a read past the end takes nothing", () => {
  const reader = new Reader(Uint8Array.of(0, 0, 1));
  expect(() => reader.int()).toThrow(ProtocolError);
  expect(() => reader.long()).toThrow("frame ends 5 bytes early");
  expect(reader.remaining).toBe(3);
  expect(reader.boolean()).toBe(false);
});

test("bytes are handed out as a copy with memory of its own", () => {
  const frame = Buffer.from([0, 0, 0, 2, 1, 2]);
  const data = new Reader(frame).buffer();
  frame.fill(9);
  expect(data).toEqual(Uint8Array.of(1, 2));
  expect(data?.buffer.byteLength).toBe(2);
});

test("an error tells lengths, and nothing of the bytes", () => {
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 99]), Buffer.from("secret")]);
  expect(() => new Reader(frame).string()).toThrow("length 99 does not fit the 6 bytes left in the frame");
});
