import { createInterface } from "node:readline";
import type { PeerProcess } from "./peer-process.ts";

interface Call {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Another client's recipes in a process of their own, which does what it is told: see java/Peer.java and python/peer.py. */
export class Actors implements AsyncDisposable {
  readonly #process: PeerProcess;
  readonly #calls = new Map<number, Call>();
  #nextId = 1;

  constructor(process: PeerProcess) {
    this.#process = process;
    createInterface({ input: process.stdout }).on("line", (line) => this.#answer(line));
    void process.ended.then((failure) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`${failure ?? "ended"}\n${process.errors}`));
      this.#calls.clear();
    });
  }

  /** A thread with a session of its own, opened now. The names of one process's actors differ. */
  async actor(name: string, servers: string, ...args: readonly string[]): Promise<Actor> {
    const actor = new Actor((command, values) => this.#call(name, command, values));
    await actor.call("connect", servers, ...args);
    return actor;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  #call(actor: string, command: string, args: readonly string[]): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#process.stdin.write(`${JSON.stringify({ id, actor, command, args })}\n`);
    });
  }

  #answer(line: string): void {
    const { id, result, error } = JSON.parse(line) as Reply;
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  }
}

export class Actor implements AsyncDisposable {
  readonly #call: (command: string, args: readonly string[]) => Promise<unknown>;

  constructor(call: (command: string, args: readonly string[]) => Promise<unknown>) {
    this.#call = call;
  }

  /** Commands of one actor run one after the other. */
  call(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.#call(command, args.map(String));
  }

  /** Ends the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.call("close");
  }
}
