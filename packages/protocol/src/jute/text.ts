const replacement = "\ufffd";

/**
 * Reads text as ZooKeeper's server writes it, which is UTF-8 up to U+FFFF, but beyond that two surrogates of three bytes each (CESU-8); it
 * reads plain UTF-8. So both are read here, and plain UTF-8 is what the writer writes. Only text with such pairs, or with bytes that
 * are none, takes the slow way.
 */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  return text.includes(replacement) ? decodeSurrogates(bytes.subarray(start, end)) : text;
}

/** Turns every pair of surrogates into one four-byte character, then reads what came out. */
function decodeSurrogates(bytes: Buffer): string {
  const joined = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; ) {
    const high = surrogate(bytes, i);
    const low = surrogate(bytes, i + 3);
    if (high !== undefined && high < 0xdc00 && low !== undefined && low >= 0xdc00) {
      length += joined.write(String.fromCharCode(high, low), length, "utf8");
      i += 6;
    } else {
      joined[length++] = bytes[i++] as number;
    }
  }
  return joined.toString("utf8", 0, length);
}

/** The UTF-16 surrogate that three bytes at `at` stand for, if they do. */
function surrogate(bytes: Buffer, at: number): number | undefined {
  const [first, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  const isSurrogate = first === 0xed && second >= 0xa0 && second <= 0xbf && third >= 0x80 && third <= 0xbf;
  return isSurrogate ? 0xd000 | ((second & 0x3f) << 6) | (third & 0x3f) : undefined;
}
