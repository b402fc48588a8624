import { ProtocolError } from "../protocol-error.ts";
import { decodeText } from "./text.ts";

/** Puts the two halves of a long together without arithmetic on bigints, which would allocate. */
const scratch = new DataView(new ArrayBuffer(8));

/**
 * Reads jute's primitive types off one frame. Total: every read is checked against the frame's end, so that hostile bytes give a
 * {@link ProtocolError} and never an out-of-range read or a huge allocation. What is left behind the last field read is ignored, as
 * ZooKeeper's own readers do: newer versions append fields to records.
 */
export class Reader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  byte(): number {
    return this.#at(this.#advance(1));
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  int(): number {
    return this.#int(this.#advance(4));
  }

  long(): bigint {
    const start = this.#advance(8);
    scratch.setInt32(0, this.#int(start));
    scratch.setInt32(4, this.#int(start + 4));
    return scratch.getBigInt64(0);
  }

  /** A copy with memory of its own, so that a small value kept by the application does not keep a whole network chunk alive. */
  buffer(): Uint8Array | null {
    const length = this.count();
    if (length === -1) return null;
    const start = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** Bytes that are no text read as U+FFFD each, as they do in ZooKeeper: one odd name must not make a listing unreadable. */
  string(): string | null {
    const length = this.count();
    if (length === -1) return null;
    const start = this.#advance(length);
    return decodeText(this.#bytes, start, start + length);
  }

  /**
   * The length of what comes next: bytes of a buffer or string, elements of a vector; -1 stands for null. Never more than the bytes left,
   * as every element takes at least one.
   */
  count(): number {
    const length = this.int();
    if (length < -1 || length > this.remaining) {
      throw new ProtocolError(`length ${length} does not fit the ${this.remaining} bytes left in the frame`);
    }
    return length;
  }

  #at(position: number): number {
    return this.#bytes[position] as number;
  }

  #int(start: number): number {
    return (this.#at(start) << 24) | (this.#at(start + 1) << 16) | (this.#at(start + 2) << 8) | this.#at(start + 3);
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
