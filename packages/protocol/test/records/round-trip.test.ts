import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryOf } from "../support/arbitraries.ts";
import { decode, encode, readers } from "../support/codecs.ts";

test.each([...readers])("%s: what is written reads the same, to the last byte", (_name, codec) => {
  fc.assert(
    fc.property(arbitraryOf(codec), (value) => {
      const bytes = encode(codec, value);
      const read = decode(codec, bytes);
      expect(read).toEqual(value);
      expect(encode(codec, read)).toEqual(bytes);
    }),
  );
});

test.each([...readers])("%s: bytes behind the record are ignored", (name, codec) => {
  // The one field that is read only if bytes are left is always written, so that the rest is behind it all the same.
  fc.assert(
    fc.property(arbitraryOf(codec), fc.uint8Array({ minLength: 1, maxLength: 9 }), (value, rest) => {
      expect(decode(codec, Buffer.concat([encode(codec, value), rest])), name).toEqual(value);
    }),
    { numRuns: 20 },
  );
});
