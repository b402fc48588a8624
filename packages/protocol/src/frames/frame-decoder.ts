import { ProtocolError } from "../protocol-error.ts";

/** Default bound of one frame: 64 MiB, far above what a reply of a sanely sized znode or listing takes. */
export const defaultMaxFrameBytes: number = 64 * 1024 * 1024;

/**
 * Cuts a byte stream, arriving in chunks of any size, into length-prefixed frames. A frame that lies whole in one chunk is handed out as
 * a view; one that spans chunks is collected in a buffer of its exact size and copied once, so the work is linear in the bytes
 * received. Memory for a frame grows only with the bytes that really came: a hostile length alone allocates nothing.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes (prefix included) that must be there before the next look. */
  #needed = 4;

  constructor(options: { readonly maxFrameBytes?: number } = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes;
  }

  /**
   * Calls `onFrame` for every frame completed by this chunk, in order, without the length prefix. A frame's bytes are valid during the
   * call only.
   *
   * @throws ProtocolError on a negative length or one above the bound. The decoder is of no use afterwards.
   */
  push(chunk: Uint8Array, onFrame: (frame: Buffer) => void): void {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#pendingBytes > 0) {
      this.#pending.push(bytes);
      this.#pendingBytes += bytes.length;
      if (this.#pendingBytes < this.#needed) return;
      bytes = Buffer.concat(this.#pending, this.#pendingBytes);
      this.#pending = [];
      this.#pendingBytes = 0;
    }
    let start = 0;
    for (;;) {
      const available = bytes.length - start;
      if (available < 4) {
        this.#needed = 4;
        break;
      }
      const length = bytes.readInt32BE(start);
      if (length < 0 || length > this.#maxFrameBytes) {
        throw new ProtocolError(`frame length ${length} is outside 0..${this.#maxFrameBytes}`);
      }
      this.#needed = 4 + length;
      if (available < this.#needed) break;
      const end = start + this.#needed;
      onFrame(bytes.subarray(start + 4, end));
      start = end;
    }
    if (start < bytes.length) {
      this.#pending.push(bytes.subarray(start));
      this.#pendingBytes = bytes.length - start;
    }
  }
}
