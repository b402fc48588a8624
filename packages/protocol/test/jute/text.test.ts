import fc from "fast-check";
import { expect, test } from "vitest";
import { string } from "../../src/jute/codec.ts";
import { decodeText } from "../../src/jute/text.ts";
import { encode } from "../support/codecs.ts";

function decode(bytes: Uint8Array): string {
  return decodeText(Buffer.from(bytes), 0, bytes.length);
}

/** As org.apache.jute.BinaryOutputArchive writes a string: one to three bytes for each UTF-16 unit. */
function javaBytes(text: string): Buffer {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Buffer.from(bytes);
}

const anyText = fc.string({ unit: "binary" });

test("text reads the same from UTF-8 and from what ZooKeeper's server writes", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(decode(Buffer.from(text))).toBe(text);
      expect(decode(javaBytes(text))).toBe(text);
    }),
  );
});

test("both ways of writing may stand side by side, beside a true U+FFFD", () => {
  const bytes = Buffer.concat([Buffer.from("a\u{1f600}\ufffd"), javaBytes("\u{1f600}b"), Buffer.from("\u{1f600}")]);
  expect(decode(bytes)).toBe("a\u{1f600}\ufffd\u{1f600}b\u{1f600}");
});

test("bytes that are no text read as replacement characters", () => {
  expect(decode(Buffer.from([0x61, 0xff, 0x62, 0xc3]))).toBe("a\ufffdb\ufffd");
  // A surrogate without its other half, at the end too.
  expect(decode(Buffer.from("eda0bd61", "hex"))).toMatch(/^\ufffd+a$/);
  expect(decode(Buffer.from("61eda0bd", "hex"))).toMatch(/^a\ufffd+$/);
  expect(decode(Buffer.from("edb880eda0bd", "hex"))).toMatch(/^\ufffd+$/);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof decode(bytes) === "string"));
});

test("only the bytes asked for are read", () => {
  const bytes = javaBytes("x\u{1f600}y");
  expect(decodeText(bytes, 1, 7)).toBe("\u{1f600}");
  expect(decodeText(bytes, 0, 4)).toMatch(/^x\ufffd+$/);
});

test("text is written as the UTF-8 that a server reads", () => {
  expect(encode(string, "\u{1f600}:x").toString("hex")).toBe("00000006f09f98803a78");
});
