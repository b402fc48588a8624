import { constants } from "node:os";
import { readerGone } from "./broken-pipe.ts";
import { ExitStatus, statusOfSignal } from "./exit-status.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Ctrl-C and its like, as an AbortSignal: what is held is released by whoever holds it. The second one ends the process at once, for when
 * releasing hangs; then the servers release it once the session has expired.
 */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #handlers: ReadonlyMap<NodeJS.Signals, () => void>;
  readonly #onReaderGone = (): void => this.#abort(ExitStatus.brokenPipe, "nobody reads the output");
  #status: number | undefined;
  /** Which signal it was. */
  received: NodeJS.Signals | undefined;

  constructor() {
    this.#handlers = new Map(signals.map((name) => [name, () => this.#onSignal(name)]));
    for (const [name, handler] of this.#handlers) process.on(name, handler);
    readerGone.addEventListener("abort", this.#onReaderGone, { once: true });
    if (readerGone.aborted) this.#onReaderGone();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What to end with; undefined while nothing has happened. */
  get status(): number | undefined {
    return this.#status;
  }

  close(): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
    readerGone.removeEventListener("abort", this.#onReaderGone);
  }

  #onSignal(name: NodeJS.Signals): void {
    const status = statusOfSignal(constants.signals[name]);
    if (this.#status !== undefined) process.exit(status);
    this.received = name;
    this.#abort(status, name);
  }

  #abort(status: number, why: string): void {
    this.#status = status;
    this.#controller.abort(new Error(`interrupted: ${why}`));
  }
}
