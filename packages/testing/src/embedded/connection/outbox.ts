import { Writer } from "@quorate/protocol";
import type { Conditions } from "./conditions.ts";
import type { ServerStream } from "./server-stream.ts";

interface Late {
  /** Undefined: the end. */
  readonly bytes: Uint8Array | undefined;
  /** `performance.now()` */
  readonly dueAt: number;
}

/** What goes to one client: every frame made within a turn leaves in one write, in order, later if there is a delay. */
export class Outbox {
  readonly #stream: ServerStream;
  readonly #conditions: Conditions;
  readonly #writer = new Writer();
  readonly #late: Late[] = [];
  #lateBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;
  #isOver = false;
  readonly #onSpace: () => void;

  /** @param onSpace something has gone to the stream, which may have taken it at once: it does not say so then */
  constructor(stream: ServerStream, conditions: Conditions, onSpace: () => void) {
    this.#stream = stream;
    this.#conditions = conditions;
    this.#onSpace = onSpace;
  }

  /** Bytes the client has not taken yet. */
  get queuedBytes(): number {
    return this.#writer.length + this.#lateBytes + this.#stream.queuedBytes;
  }

  add(write: (writer: Writer) => void): void {
    if (this.#isOver) return;
    this.#writer.frame(() => write(this.#writer));
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.flush();
      this.#onSpace();
    });
  }

  flush(): void {
    if (this.#isOver) return;
    if (this.#writer.length > 0) this.#send(this.#writer.take());
    this.#pump();
  }

  /** Closes the stream behind everything added before. */
  end(): void {
    this.flush();
    if (this.#isOver) return;
    this.#send(undefined);
    this.#pump();
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#stream.destroy();
  }

  #send(bytes: Uint8Array | undefined): void {
    const dueAt = performance.now() + this.#conditions.delayMs;
    this.#late.push({ bytes, dueAt });
    this.#lateBytes += bytes?.length ?? 0;
  }

  #pumpLate(): void {
    this.#pump();
    this.#onSpace();
  }

  #pump(): void {
    if (this.#conditions.isFrozen) return;
    clearTimeout(this.#timer);
    for (let next = this.#late[0]; next !== undefined; next = this.#late[0]) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pumpLate(), Math.ceil(waitMs));
        return;
      }
      this.#late.shift();
      this.#lateBytes -= next.bytes?.length ?? 0;
      if (next.bytes === undefined) this.#stream.end();
      else this.#stream.write(next.bytes);
    }
  }
}
