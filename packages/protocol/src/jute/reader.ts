import { ProtocolError } from "../protocol-error.ts";

/**
 * Reads jute's primitive types off one frame. Total: every read is checked against the frame's end, so that hostile bytes give a
 * {@link ProtocolError} and never an out-of-range read or a huge allocation.
 */
export class Reader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  byte(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8));
  }

  /** A copy, so that a small value kept by the application does not keep the whole network chunk alive. */
  buffer(): Uint8Array | null {
    const length = this.#length();
    if (length === -1) return null;
    const start = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  string(): string | null {
    const length = this.#length();
    if (length === -1) return null;
    const start = this.#advance(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  /** The element count of a vector; -1 stands for a null vector. Every element takes at least one byte. */
  count(): number {
    return this.#length();
  }

  #length(): number {
    const length = this.int();
    if (length < -1 || length > this.remaining) {
      throw new ProtocolError(`length ${length} does not fit the ${this.remaining} bytes left in the frame`);
    }
    return length;
  }

  #advance(size: number): number {
    const start = this.#position;
    if (size > this.#bytes.length - start) {
      throw new ProtocolError(`frame ends ${size - (this.#bytes.length - start)} bytes early`);
    }
    this.#position = start + size;
    return start;
  }
}
