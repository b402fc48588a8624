import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameDecoder } from "../../src/frames/frame-decoder.ts";
import { ProtocolError } from "../../src/protocol-error.ts";
import { costOf } from "../support/copied-bytes.ts";

function frame(body: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

function split(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let start = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(start, start + length));
    start += length;
  }
  return [...chunks, bytes.subarray(start)];
}

/** The frames that come out, in hex, and the error that ended it. */
function cut(chunks: readonly Uint8Array[], maxFrameBytes = 300): { frames: string[]; refused: boolean } {
  const decoder = new FrameDecoder({ maxFrameBytes });
  const frames: string[] = [];
  try {
    for (const chunk of chunks) decoder.push(chunk, (each) => frames.push(each.toString("hex")));
    return { frames, refused: false };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { frames, refused: true };
  }
}

const bodies = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 6 });
const splits = fc.array(fc.nat({ max: 20 }), { maxLength: 30 });

test("any split of a stream gives the same frames", () => {
  fc.assert(
    fc.property(bodies, splits, (values, lengths) => {
      const frames = values.map((value) => Buffer.from(value).toString("hex"));
      const stream = Buffer.concat(values.map(frame));
      expect(cut(split(stream, lengths))).toEqual({ frames, refused: false });
      expect(cut([...stream].map((byte) => Uint8Array.of(byte)))).toEqual({ frames, refused: false });
    }),
  );
});

test("any split of garbage gives the same frames and the same refusal", () => {
  const garbage = fc
    .tuple(bodies, fc.uint8Array({ maxLength: 40 }))
    .map(([values, rest]) => Buffer.concat([...values.map(frame), rest]));
  fc.assert(
    fc.property(garbage, splits, (stream, lengths) => {
      expect(cut(split(stream, lengths))).toEqual(cut([stream]));
    }),
  );
});

test.each([
  ["negative", -1],
  ["above the bound", 301],
])("a length that is %s is refused, after the frames before it", (_what, length) => {
  const bad = Buffer.alloc(4);
  bad.writeInt32BE(length);
  expect(cut([Buffer.concat([frame(Uint8Array.of(1)), bad])])).toEqual({ frames: ["01"], refused: true });
  expect(cut([...bad].map((byte) => Uint8Array.of(byte)))).toEqual({ frames: [], refused: true });
});

test("a frame may fill the bound", () => {
  expect(cut([frame(new Uint8Array(300))]).frames).toHaveLength(1);
});

describe("the work and memory are linear in the bytes received", () => {
  const mebibyte = 1024 * 1024;

  function pushAll(stream: Buffer, chunkBytes: number): { copied: number; allocated: number; frames: number } {
    const decoder = new FrameDecoder();
    let frames = 0;
    const cost = costOf(() => {
      for (let start = 0; start < stream.length; start += chunkBytes) {
        decoder.push(stream.subarray(start, start + chunkBytes), (each) => {
          frames += each.length > 0 ? 1 : 0;
        });
      }
    });
    return { ...cost, frames };
  }

  test.each([
    { size: mebibyte, chunkBytes: 1, copies: 1 },
    { size: mebibyte, chunkBytes: 1460, copies: 1 },
    { size: 16 * mebibyte, chunkBytes: 64 * 1024, copies: 3 },
    { size: 33 * mebibyte, chunkBytes: 64 * 1024, copies: 3 },
  ])(
    "a frame of $size bytes in chunks of $chunkBytes is copied at most $copies times",
    ({ size, chunkBytes, copies }) => {
      const { copied, allocated, frames } = pushAll(frame(new Uint8Array(size)), chunkBytes);
      expect(frames).toBe(1);
      expect(copied).toBeGreaterThanOrEqual(size);
      expect(copied).toBeLessThanOrEqual(copies * size + 64);
      expect(allocated).toBeLessThanOrEqual(copies * size + 64);
    },
  );

  test("many small frames in one chunk are not copied at all", () => {
    const stream = Buffer.concat(Array.from({ length: 1000 }, () => frame(new Uint8Array(100))));
    expect(pushAll(stream, stream.length)).toEqual({ copied: 0, allocated: 0, frames: 1000 });
  });

  test("small frames in chunks that cut them copy only the ones cut", () => {
    const stream = Buffer.concat(Array.from({ length: 1000 }, () => frame(new Uint8Array(100))));
    const { copied, frames } = pushAll(stream, 1000);
    expect(frames).toBe(1000);
    expect(copied).toBeLessThan((stream.length / 1000) * 120);
  });

  test("the length alone of a large frame takes 1 MiB at most", () => {
    const prefix = Buffer.alloc(5);
    prefix.writeInt32BE(60 * mebibyte);
    expect(pushAll(prefix, 5).allocated).toBeLessThanOrEqual(mebibyte + 64);
  });
});
