import { ProtocolError } from "../protocol-error.ts";

/** Default bound of one frame: 64 MiB, far above what a reply of a sanely sized znode or listing takes. */
export const defaultMaxFrameBytes: number = 64 * 1024 * 1024;

const prefixBytes = 4;
/** A frame up to this size is collected in memory of its exact size; for a larger one, memory is only taken as its bytes come. */
const trustedBytes: number = prefixBytes + 1024 * 1024;

/**
 * Cuts a byte stream, arriving in chunks of any size, into length-prefixed frames. A frame that lies whole in one chunk is handed out as
 * a view; one that spans chunks is collected: up to 1 MiB copied once, a larger one in a buffer that doubles, copied three times at most.
 * So the work is linear in the bytes received, and a hostile length alone takes no more than 1 MiB.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  /** The prefix and body of the frame that has begun and not ended. */
  #partial: Buffer = Buffer.allocUnsafe(prefixBytes);
  #collected = 0;

  /** @param options `maxFrameBytes`: a longer frame is an error; default 64 MiB */
  constructor(options: { readonly maxFrameBytes?: number } = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes;
  }

  /**
   * Calls `onFrame` for every frame completed by this chunk, in order, without the length prefix. A frame's bytes are valid during the
   * call only. After a throw, of `onFrame` too, the decoder is of no use any more.
   *
   * @throws ProtocolError on a negative length or one above the bound
   */
  push(chunk: Uint8Array, onFrame: (frame: Buffer) => void): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    while (start < bytes.length) {
      const whole = this.#collected === 0 ? this.#wholeFrame(bytes, start) : undefined;
      if (whole === undefined) {
        start = this.#collect(bytes, start, onFrame);
      } else {
        start += prefixBytes + whole.length;
        onFrame(whole);
      }
    }
  }

  #wholeFrame(bytes: Buffer, start: number): Buffer | undefined {
    const body = start + prefixBytes;
    if (body > bytes.length) return undefined;
    const end = body + this.#checkedLength(bytes.readInt32BE(start));
    return end > bytes.length ? undefined : bytes.subarray(body, end);
  }

  /** Takes from the chunk what the next step needs, first the prefix and then the body; returns where it stopped. */
  #collect(bytes: Buffer, start: number, onFrame: (frame: Buffer) => void): number {
    const isPrefix = this.#collected < prefixBytes;
    const needed = isPrefix ? prefixBytes : this.#needed();
    const end = Math.min(bytes.length, start + needed - this.#collected);
    this.#append(bytes.subarray(start, end), needed);
    if (this.#collected === needed && (!isPrefix || this.#needed() === prefixBytes)) {
      const frame = this.#partial.subarray(prefixBytes, needed);
      this.#partial = Buffer.allocUnsafe(prefixBytes);
      this.#collected = 0;
      onFrame(frame);
    }
    return end;
  }

  /** Bytes of the frame begun, prefix included. */
  #needed(): number {
    return prefixBytes + this.#checkedLength(this.#partial.readInt32BE(0));
  }

  #append(bytes: Buffer, needed: number): void {
    const collected = this.#collected + bytes.length;
    if (collected > this.#partial.length) {
      const capacity = Math.min(needed, Math.max(collected, 2 * this.#partial.length, trustedBytes));
      const grown = Buffer.allocUnsafe(capacity);
      grown.set(this.#partial.subarray(0, this.#collected));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#collected);
    this.#collected = collected;
  }

  #checkedLength(length: number): number {
    if (length < 0 || length > this.#maxFrameBytes) {
      throw new ProtocolError(`frame length ${length} is outside 0..${this.#maxFrameBytes}`);
    }
    return length;
  }
}
