import type { Socket } from "node:net";

/** What a pipe asks its owner about every piece. */
export interface PipeHooks {
  /** How long a piece is held, in milliseconds. */
  delayMs(): number;
  /** Whether what arrives vanishes; asked again when a held piece is due. */
  swallows(): boolean;
  /** Something vanished. */
  onLoss(): void;
  /** What of the chunk goes on; `isLast` ends the pipe behind it. */
  filter(chunk: Buffer): { readonly pass: Buffer; readonly isLast: boolean };
}

type Piece =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly dueAtMs: number }
  /** The source said its last word (`end`), or is gone altogether (`close`). */
  | { readonly kind: "end" | "close"; readonly dueAtMs: number };

/** Bytes held here before the source is asked to wait. */
const highWaterBytes = 256 * 1024;

/** One direction of a proxied connection: keeps order, holds pieces for the delay, and passes the sink's backpressure to the source. */
export class Pipe {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #hooks: PipeHooks;
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(source: Socket, sink: Socket, hooks: PipeHooks) {
    this.#source = source;
    this.#sink = sink;
    this.#hooks = hooks;
    source.on("data", (chunk: Buffer) => this.#receive(chunk));
    source.on("end", () => this.#enqueue({ kind: "end", dueAtMs: this.#due() }));
    source.on("close", () => this.#enqueue({ kind: "close", dueAtMs: this.#due() }));
    sink.on("drain", () => this.#flush());
    sink.on("close", () => this.#forgetQueue());
  }

  #receive(chunk: Buffer): void {
    if (this.#isEnded) return;
    if (this.#hooks.swallows()) return this.#hooks.onLoss();
    const { pass, isLast } = this.#hooks.filter(chunk);
    if (pass.length > 0) this.#enqueue({ kind: "bytes", bytes: pass, dueAtMs: this.#due() });
    if (isLast) this.#enqueue({ kind: "close", dueAtMs: this.#due() });
    this.#isEnded ||= isLast;
  }

  #forgetQueue(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#queuedBytes = 0;
    // Reads on, or the end of a source nobody reads would never be noticed.
    this.#source.resume();
  }

  /** Order holds whatever the delays: a piece waits for those before it. */
  #due(): number {
    return performance.now() + this.#hooks.delayMs();
  }

  #enqueue(piece: Piece): void {
    if (this.#isEnded) return;
    this.#queue.push(piece);
    if (piece.kind === "bytes") this.#queuedBytes += piece.bytes.length;
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || this.#sink.writableNeedDrain) break;
      const waitMs = next.dueAtMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), Math.ceil(waitMs));
        break;
      }
      this.#queue.shift();
      this.#deliver(next);
    }
    const isFull = this.#queuedBytes >= highWaterBytes || (this.#queue.length > 0 && this.#sink.writableNeedDrain);
    if (isFull) this.#source.pause();
    else this.#source.resume();
  }

  #deliver(piece: Piece): void {
    if (piece.kind === "bytes") this.#queuedBytes -= piece.bytes.length;
    if (this.#hooks.swallows()) return this.#hooks.onLoss();
    if (piece.kind === "bytes") this.#sink.write(piece.bytes);
    else if (piece.kind === "end") this.#sink.end();
    else this.#sink.destroySoon();
  }
}
