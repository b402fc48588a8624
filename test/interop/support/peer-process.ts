import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** Many sessions take their time to close. */
const endBoundMs = 60_000;

/** A program of another client. It ends with its input, so that none outlives the tests, however those end. */
export class PeerProcess implements AsyncDisposable {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves with what went wrong, for messages, or with nothing. */
  readonly ended: Promise<string | undefined>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #errors = "";

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.stdin = this.#child.stdin;
    this.stdout = this.#child.stdout;
    // A peer that died is told by `ended`.
    this.stdin.on("error", () => {});
    this.#child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.#errors += chunk;
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(String(error)));
      this.#child.on("close", (code, signal) =>
        resolve(code === 0 ? undefined : `${command} ended with ${signal ?? `status ${code}`}`),
      );
    });
  }

  /** What it has written to its error output so far. */
  get errors(): string {
    return this.#errors;
  }

  /** Ends the input and waits for the process; kills it if it stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), endBoundMs);
    const failure = await this.ended;
    clearTimeout(timer);
    if (failure !== undefined) throw new Error(`${failure}\n${this.#errors}`);
  }
}
