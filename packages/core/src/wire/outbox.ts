import { type Operation, operations, Writer } from "@quorate/protocol";
import { TooLargeError } from "../errors/client-errors.ts";
import type { ByteStream } from "../transport/transport.ts";
import type { Batch } from "./pending.ts";
import { pathOf } from "./replies.ts";

const prefixBytes = 4;

/**
 * Collects frames and hands them to the stream in one write once the tick is over. By then the continuations of every reply decoded from
 * one chunk have run too, so that what they ask for shares that write.
 */
export class Outbox {
  readonly #stream: ByteStream;
  readonly maxRequestBytes: number;
  readonly #writer = new Writer();
  readonly #flushAtTickEnd = (): void => this.flush();
  #batch: Batch = { sentAt: undefined };
  #scheduled = false;
  #closed = false;
  /** `performance.now()` of the last write. */
  lastSentAt: number = performance.now();

  constructor(stream: ByteStream, maxRequestBytes: number) {
    this.#stream = stream;
    this.maxRequestBytes = maxRequestBytes;
  }

  /** The batch the next frame will be part of. */
  get batch(): Batch {
    return this.#batch;
  }

  /** Bytes not yet taken by the operating system. */
  get queuedBytes(): number {
    return this.#writer.length + this.#stream.queuedBytes;
  }

  /** @throws TooLargeError, or EncodingError for a value that does not fit its type; nothing is sent then */
  add(xid: number, operation: Operation): void {
    const writer = this.#writer;
    const { type, request } = operations[operation.op];
    const start = writer.length + prefixBytes;
    writer.frame(() => {
      writer.int(xid);
      writer.int(type);
      request.write(writer, operation as never);
      const bytes = writer.length - start;
      if (bytes > this.maxRequestBytes) throw tooLarge(operation, bytes, this.maxRequestBytes);
    });
    this.#schedule();
  }

  /** A frame of the driver's own. They are small, or split before they come here. */
  addOwn(write: (writer: Writer) => void): void {
    this.#writer.frame(() => write(this.#writer));
    this.#schedule();
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#closed || this.#writer.length === 0) return;
    this.lastSentAt = performance.now();
    this.#batch.sentAt = this.lastSentAt;
    this.#batch = { sentAt: undefined };
    this.#stream.write(this.#writer.take());
  }

  /** What was not handed over is dropped. */
  close(): void {
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flushAtTickEnd);
  }
}

export function tooLarge(operation: Operation, bytes: number, limit: number): TooLargeError {
  const { op } = operation;
  const message = `${op}: ${bytes} bytes are more than the ${limit} a server accepts (jute.maxbuffer)`;
  return new TooLargeError(message, { op, path: pathOf(operation) });
}
