import { nextTurn } from "./next-turn.ts";

/** One direction of a stream in memory. */
export class MemoryPipe {
  readonly #receive: (chunk: Uint8Array) => void;
  readonly #drained: () => void;
  #chunks: Uint8Array[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #paused = false;
  #state: "open" | "ending" | "over" = "open";
  #onEnd: () => void = () => {};

  constructor(receive: (chunk: Uint8Array) => void, drained: () => void = () => {}) {
    this.#receive = receive;
    this.#drained = drained;
  }

  /** Bytes not received yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#chunks.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#schedule();
  }

  /** Calls back once everything written has been received. */
  end(onEnd: () => void): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#onEnd = onEnd;
    this.#schedule();
  }

  destroy(): void {
    this.#state = "over";
    this.#chunks = [];
    this.#queuedBytes = 0;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#paused) return;
    this.#scheduled = true;
    nextTurn(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#paused && this.#chunks.length > 0) {
      const chunk = this.#chunks.shift() as Uint8Array;
      this.#queuedBytes -= chunk.length;
      this.#receive(chunk);
    }
    if (this.#paused || this.#state === "over") return;
    this.#drained();
    if (this.#state !== "ending") return;
    this.#state = "over";
    this.#onEnd();
  }
}
