/** As clients hand data out: a plain Uint8Array. */
export function bytes(content: string): Uint8Array {
  return new Uint8Array(Buffer.from(content));
}

export function text(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString("utf8");
}
