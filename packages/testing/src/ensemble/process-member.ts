import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { EnsembleError } from "../errors.ts";
import type { ProxyTarget } from "../proxy/proxied-connection.ts";
import type { BackendMember, ClientPort } from "./backend.ts";

const stopBoundMs = 10_000;
const logLines = 40;

/** How to run a member: a program with its arguments, and where its output goes. */
export interface ProcessCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
}

const live = new Set<ChildProcess>();
let isWatchingExit = false;

/** Nobody else would end the servers of a process that exits in the middle of a test. */
function endWithThisProcess(child: ChildProcess): void {
  live.add(child);
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.once("exit", () => {
    for (const left of live) left.kill("SIGKILL");
  });
}

/** A member as a child process. */
export class ProcessMember implements BackendMember {
  readonly #id: number;
  readonly #command: ProcessCommand;
  readonly #ports: Readonly<Record<ClientPort, number>>;
  #running: Running | undefined;

  constructor(id: number, command: ProcessCommand, ports: Readonly<Record<ClientPort, number>>) {
    this.#id = id;
    this.#command = command;
    this.#ports = ports;
  }

  async address(port: ClientPort): Promise<ProxyTarget> {
    if (this.#running === undefined) throw new EnsembleError(`member ${this.#id} is down`, { memberId: this.#id });
    return { host: "127.0.0.1", port: this.#ports[port] };
  }

  async isAlive(): Promise<boolean> {
    return this.#running !== undefined;
  }

  async start(): Promise<void> {
    const { program, args, logFile } = this.#command;
    const log = openSync(logFile, "a");
    const child = spawn(program, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    endWithThisProcess(child);
    const exited = new Promise<void>((resolve) => {
      const onEnd = (): void => {
        live.delete(child);
        if (this.#running?.child === child) this.#running = undefined;
        resolve();
      };
      child.once("exit", onEnd);
      child.once("error", onEnd);
    });
    this.#running = { child, exited };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const timer = setTimeout(() => running.child.kill("SIGKILL"), stopBoundMs);
    running.child.kill("SIGTERM");
    await running.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#running?.child.kill("SIGKILL");
    await this.#running?.exited;
  }

  async pause(): Promise<void> {
    this.#signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    this.#signal("SIGCONT");
  }

  async logs(): Promise<string> {
    const output = await readFile(this.#command.logFile, "utf8");
    return output.trimEnd().split("\n").slice(-logLines).join("\n");
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#running?.child.kill(signal) === true) return;
    throw new EnsembleError(`member ${this.#id} is down`, { memberId: this.#id });
  }
}
