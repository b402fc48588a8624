import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { eventually } from "../../support/eventually.ts";

const bin = fileURLToPath(new URL("../../../packages/quorate/bin/quorate.js", import.meta.url));

export interface Result {
  /** Of a process ended by a signal: the signal's name. */
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

export interface QuorateOptions {
  readonly connect?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
}

/** One run of the built command, in a process of its own. */
export class QuorateProcess implements AsyncDisposable {
  readonly result: Promise<Result>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], { connect, env = {}, input, cwd }: QuorateOptions = {}) {
    // Nothing of the machine's own settings may get in.
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(QUORATE_(?!TEST_RUN)|NO_COLOR|FORCE_COLOR)/.test(name),
    );
    const given = connect === undefined ? {} : { QUORATE_CONNECT: connect };
    this.#child = spawn(process.execPath, [bin, ...args], {
      env: { ...Object.fromEntries(inherited), ...given, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#child.stdin?.on("error", () => {});
    this.#child.stdin?.end(input);
    this.result = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        resolve({ status: signal ?? code ?? -1, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves once this has come out. */
  async says(text: string | RegExp): Promise<void> {
    await eventually(() => {
      const all = `${this.#stdout}\n${this.#stderr}`;
      if (typeof text === "string" ? all.includes(text) : text.test(all)) return true;
      throw new Error(`${String(text)} did not come out, but:\n${all}`);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Takes no more of its output, as `head` does when it has seen enough. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.result;
  }
}

export function quorate(args: readonly string[], options?: QuorateOptions): Promise<Result> {
  return new QuorateProcess(args, options).result;
}

/** The JSON a command printed, which must have succeeded. */
export async function quorateJson<T>(args: readonly string[], options?: QuorateOptions): Promise<T> {
  const { status, stdout, stderr } = await quorate([...args, "--json"], options);
  if (status !== 0) throw new Error(`quorate ${args.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
