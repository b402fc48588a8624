import { execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { EnsembleError } from "../../errors.ts";
import type { ProxyTarget } from "../../proxy/proxied-connection.ts";
import type { BackendMember } from "../backend.ts";
import type { ProcessCommand } from "../process-member.ts";
import { waitFor } from "../wait.ts";

const stopBoundMs = 10_000;
const killBoundMs = 5000;
const logLines = 40;

/** A member as a process that goes on when this one ends, and is found again by its process id. */
export class DetachedMember implements BackendMember {
  readonly #id: number;
  readonly #command: ProcessCommand;
  readonly #pidFile: string;
  readonly #clientPort: number;

  /** The last argument of the command tells this member's process from any other: the path of its configuration. */
  constructor(id: number, command: ProcessCommand, pidFile: string, clientPort: number) {
    this.#id = id;
    this.#command = command;
    this.#pidFile = pidFile;
    this.#clientPort = clientPort;
  }

  async address(): Promise<ProxyTarget> {
    return { host: "127.0.0.1", port: this.#clientPort };
  }

  async isAlive(): Promise<boolean> {
    return (await this.pid()) !== undefined;
  }

  /** Undefined while it does not run. */
  async pid(): Promise<number | undefined> {
    const pid = Number(await readFile(this.#pidFile, "utf8").catch(() => ""));
    // A process id is given to another process some time after its own has ended.
    return pid > 0 && (await commandLineOf(pid)).includes(this.#command.args.at(-1) ?? "") ? pid : undefined;
  }

  async start(): Promise<void> {
    if (await this.isAlive()) return;
    const { program, args, logFile } = this.#command;
    const log = openSync(logFile, "a");
    const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(new EnsembleError(`member ${this.#id}: ${cause.message}`, { cause })));
    });
    child.unref();
    await writeFile(this.#pidFile, `${child.pid}\n`);
  }

  async stop(): Promise<void> {
    if (!(await this.#end("SIGTERM", stopBoundMs))) await this.kill();
  }

  async kill(): Promise<void> {
    if (await this.#end("SIGKILL", killBoundMs)) return;
    throw new EnsembleError(`member ${this.#id} does not end`, { memberId: this.#id });
  }

  async pause(): Promise<void> {
    await this.#signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    await this.#signal("SIGCONT");
  }

  async logs(): Promise<string> {
    const output = await readFile(this.#command.logFile, "utf8").catch(() => "");
    return output.trimEnd().split("\n").slice(-logLines).join("\n");
  }

  /** Whether it has ended within this time. */
  async #end(signal: NodeJS.Signals, boundMs: number): Promise<boolean> {
    await this.#signal(signal);
    const hasEnded = async (): Promise<true | undefined> => ((await this.isAlive()) ? undefined : true);
    const isOver = await waitFor(hasEnded, () => "", { timeoutMs: boundMs }).catch(() => false);
    if (isOver) await rm(this.#pidFile, { force: true });
    return isOver;
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Empty for a process that is not there or has ended. */
async function commandLineOf(pid: number): Promise<string> {
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout;
}
