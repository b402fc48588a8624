import { type Operation, operations, Writer } from "@quorate/protocol";
import { TooLargeError } from "../errors/client-errors.ts";
import type { ByteStream } from "../transport/transport.ts";
import type { Batch } from "./pending.ts";

/**
 * Collects frames and hands them to the stream in one write once the tick is over. By then the continuations of every reply decoded from
 * one chunk have run too, so that what they ask for shares that write.
 */
export class Outbox {
  readonly #stream: ByteStream;
  readonly #maxRequestBytes: number;
  readonly #writer = new Writer();
  readonly #flushAtTickEnd = (): void => this.flush();
  #batch: Batch = { sentAt: undefined };
  #scheduled = false;
  #closed = false;
  /** `performance.now()` of the last write. */
  lastSentAt: number = performance.now();

  constructor(stream: ByteStream, maxRequestBytes: number) {
    this.#stream = stream;
    this.#maxRequestBytes = maxRequestBytes;
  }

  /** The batch the next frame will be part of. */
  get batch(): Batch {
    return this.#batch;
  }

  /** Bytes not yet taken by the operating system. */
  get queuedBytes(): number {
    return this.#writer.length + this.#stream.queuedBytes;
  }

  /** @throws TooLargeError, or what the codec makes of values that do not fit their type; nothing is sent then */
  add(xid: number, operation: Operation): void {
    const codec = operations[operation.op];
    this.addFrame((writer) => {
      writer.int(xid);
      writer.int(codec.type);
      codec.request.write(writer, operation as never);
    }, operation);
  }

  addFrame(write: (writer: Writer) => void, operation?: Operation): void {
    const writer = this.#writer;
    const start = writer.length + 4;
    writer.frame(() => {
      write(writer);
      const bytes = writer.length - start;
      if (bytes > this.#maxRequestBytes) throw tooLarge(bytes, this.#maxRequestBytes, operation);
    });
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flushAtTickEnd);
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
}

function tooLarge(bytes: number, limit: number, operation: Operation | undefined): TooLargeError {
  const path = operation !== undefined && "path" in operation ? operation.path : undefined;
  return new TooLargeError(
    `${operation?.op ?? "request"}: ${bytes} bytes are more than the ${limit} a server accepts (jute.maxbuffer)`,
    { op: operation?.op, path },
  );
}
