/** Four bytes of an IPv4 address; undefined for anything else. ZooKeeper 3.8 knows no ACLs for IPv6. */
function addressBytes(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^[+-]?\d+$/.test(part) ? Number(part) : Number.NaN));
  return bytes.every((byte) => byte >= 0 && byte <= 255) ? bytes : undefined;
}

interface Pattern {
  readonly address: number;
  readonly bits: number;
}

function asNumber(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function parse(pattern: string): Pattern | undefined {
  const slash = pattern.indexOf("/");
  const bytes = addressBytes(slash < 0 ? pattern : pattern.slice(0, slash));
  const suffix = slash < 0 ? "32" : pattern.slice(slash + 1);
  const bits = /^[+-]?\d+$/.test(suffix) ? Number(suffix) : Number.NaN;
  return bytes === undefined || !(bits >= 0 && bits <= 32) ? undefined : { address: asNumber(bytes), bits };
}

/** Whether it is `a.b.c.d` or `a.b.c.d/bits`. */
export function isAddressPattern(text: string): boolean {
  return parse(text) !== undefined;
}

/** Whether an address is within a pattern. */
export function addressMatches(address: string, text: string): boolean {
  const pattern = parse(text);
  const bytes = addressBytes(address);
  if (pattern === undefined || bytes === undefined) return false;
  const size = 2 ** (32 - pattern.bits);
  return Math.floor(asNumber(bytes) / size) === Math.floor(pattern.address / size);
}
