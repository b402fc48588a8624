import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** A process of its own that runs a file of `workers/` from source and tells one JSON line after the other. */
export class Worker<Report> implements AsyncDisposable {
  readonly reports: Report[] = [];
  readonly #child: ChildProcess;
  /** Resolves when it has ended by itself with status 0; rejects with its stderr otherwise. */
  readonly ended: Promise<void>;

  constructor(file: string, args: readonly string[], connectString: string) {
    const path = fileURLToPath(new URL(`../workers/${file}`, import.meta.url));
    const child = spawn(execPath, ["--import", "tsx", "--conditions=@quorate/source", path, ...args], {
      env: { ...process.env, QUORATE_CONNECT: connectString },
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface(child.stdout).on("line", (line) => this.reports.push(JSON.parse(line) as Report));
    this.#child = child;
    this.ended = Promise.all([once(child, "close"), text(child.stderr)]).then(([[status, signal], errors]) => {
      if (status !== 0) throw new Error(`${file} ended with ${status ?? signal}: ${errors}`);
    });
    this.ended.catch(() => {});
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGSTOP: not one instruction more until `thaw()`. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  thaw(): void {
    this.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.ended.catch(() => {});
  }
}
