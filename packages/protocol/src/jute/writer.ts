import { EncodingError } from "../encoding-error.ts";
import { QuorateError } from "../quorate-error.ts";

const defaultCapacity = 2048;

/**
 * Appends jute's primitive types to a growing buffer. One writer collects all the frames of a tick, so that they leave in one write.
 * Numbers out of range, or values of another type than the declared, are refused by a TypeError or RangeError; within {@link frame}
 * that becomes an {@link EncodingError}.
 */
export class Writer {
  #bytes: Buffer;
  #position = 0;
  #openFrames = 0;

  /** @param initialCapacity bytes to begin with; default 2048 */
  constructor(initialCapacity: number = defaultCapacity) {
    this.#bytes = Buffer.allocUnsafe(initialCapacity);
  }

  /** Bytes written since the last {@link take}. */
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
    // Buffer itself would write undefined and NaN as 0, which as a version means another thing than none.
    if ((value | 0) !== value)
      throw new RangeError(`${typeof value === "number" ? value : typeof value} is no 32-bit integer`);
    const start = this.#grow(4);
    this.#bytes.writeInt32BE(value, start);
  }

  long(value: bigint): void {
    const start = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, start);
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) return this.int(-1);
    if (!ArrayBuffer.isView(value)) throw new TypeError("a buffer is written from bytes");
    this.int(value.length);
    const start = this.#grow(value.length);
    this.#bytes.set(value, start);
  }

  /** As UTF-8. A surrogate without its other half is written as U+FFFD: two such strings may become the same. */
  string(value: string | null): void {
    if (value === null) return this.int(-1);
    if (typeof value !== "string") throw new TypeError("a string is written from a string");
    // UTF-8 takes at most three bytes for each UTF-16 unit; the length is filled in once it is known.
    const start = this.#grow(4 + value.length * 3);
    const length = this.#bytes.write(value, start + 4, "utf8");
    this.#bytes.writeInt32BE(length, start);
    this.#position = start + 4 + length;
  }

  /**
   * Writes one length-prefixed frame, or leaves nothing behind if `write` throws.
   *
   * @throws EncodingError if a value does not fit its type; an error of the SDK's own that `write` throws, as it is
   */
  frame(write: () => void): void {
    const start = this.#grow(4);
    this.#openFrames++;
    try {
      write();
      this.#bytes.writeInt32BE(this.#position - start - 4, start);
    } catch (error) {
      this.#position = start;
      if (QuorateError.isQuorateError(error)) throw error;
      throw new EncodingError("a value of the request does not fit its type on the wire", { cause: error });
    } finally {
      this.#openFrames--;
    }
  }

  /**
   * Everything written since the last call. The writer starts over on other memory, as the socket may still be reading this one.
   *
   * @throws EncodingError from within `frame`: half a frame must never leave
   */
  take(): Buffer {
    if (this.#openFrames > 0) throw new EncodingError("a frame is still being written");
    const taken = this.#bytes.subarray(0, this.#position);
    this.#bytes = Buffer.allocUnsafe(defaultCapacity);
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
