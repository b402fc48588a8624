/** Appends jute's primitive types to a growing buffer. One writer collects all the frames of a tick, so that they leave in one write. */
export class Writer {
  #bytes: Buffer;
  #position = 0;

  constructor(initialCapacity: number = 2048) {
    this.#bytes = Buffer.allocUnsafe(initialCapacity);
  }

  get length(): number {
    return this.#position;
  }

  byte(value: number): void {
    const start = this.#grow(1);
    this.#bytes[start] = value;
  }

  boolean(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  int(value: number): void {
    const start = this.#grow(4);
    this.#bytes.writeInt32BE(value, start);
  }

  long(value: bigint): void {
    const start = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, start);
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) return this.int(-1);
    this.int(value.length);
    const start = this.#grow(value.length);
    this.#bytes.set(value, start);
  }

  string(value: string | null): void {
    if (value === null) return this.int(-1);
    // UTF-8 takes at most three bytes for each UTF-16 unit; the length is filled in once it is known.
    const start = this.#grow(4 + value.length * 3);
    const length = this.#bytes.write(value, start + 4, "utf8");
    this.#bytes.writeInt32BE(length, start);
    this.#position = start + 4 + length;
  }

  /** Writes one length-prefixed frame; leaves nothing behind if `write` throws. */
  frame(write: () => void): void {
    const start = this.#grow(4);
    try {
      write();
    } catch (error) {
      this.#position = start;
      throw error;
    }
    this.#bytes.writeInt32BE(this.#position - start - 4, start);
  }

  /** Everything written since the last call. The writer starts over on fresh memory, as the socket may still be reading this one. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#position);
    this.#bytes = Buffer.allocUnsafe(2048);
    this.#position = 0;
    return taken;
  }

  #grow(size: number): number {
    const start = this.#position;
    const needed = start + size;
    if (needed > this.#bytes.length) {
      const bytes = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      bytes.set(this.#bytes.subarray(0, start));
      this.#bytes = bytes;
    }
    this.#position = needed;
    return start;
  }
}
