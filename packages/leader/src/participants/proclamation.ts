/**
 * What a leader proclaims is kept in the latch's directory, behind the token of its term: 16 hexadecimal digits and a line feed. The
 * leader's own znode keeps its id alone, for Curator; and what an earlier leader said is never taken for the word of the next.
 */
export function encodeProclamation(fencingToken: bigint, data: Uint8Array | null): Uint8Array {
  return Buffer.concat([Buffer.from(header(fencingToken)), data ?? new Uint8Array()]);
}

/** @returns null unless it was proclaimed in the term with this token */
export function decodeProclamation(stored: Uint8Array | null, fencingToken: bigint): Uint8Array | null {
  if (stored === null) return null;
  const expected = Buffer.from(header(fencingToken));
  const isOfThisTerm = expected.equals(stored.subarray(0, expected.length));
  return isOfThisTerm ? stored.subarray(expected.length) : null;
}

function header(fencingToken: bigint): string {
  return `${BigInt.asUintN(64, fencingToken).toString(16).padStart(16, "0")}\n`;
}
