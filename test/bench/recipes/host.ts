import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { PeerProcess } from "../../interop/support/peer-process.ts";
import { type Sample, sampleOf } from "../measure.ts";

/** What a host tells of one run of a scenario. */
interface Measured {
  readonly elapsedMs: number;
  /** User and system time of the whole process. */
  readonly cpuMs: number;
  /** Of each operation. */
  readonly latenciesUs: readonly number[];
}

/**
 * A process with one client library, measured one scenario at a time: a line of words in (the scenario, the servers, the path to work at,
 * numbers), a line of JSON out ({@link Measured}, or `error`). It ends with its input.
 */
export class Host<Name extends string = string> implements AsyncDisposable {
  readonly name: Name;
  readonly #process: PeerProcess;
  readonly #lines: Interface;

  constructor(name: Name, command: string, args: readonly string[]) {
    this.name = name;
    this.#process = new PeerProcess(command, args);
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  async measure(scenario: string, servers: string, base: string, numbers: readonly number[]): Promise<Sample> {
    const { elapsedMs, cpuMs, latenciesUs } = await this.ask<Measured>(scenario, servers, base, ...numbers);
    return sampleOf(Float64Array.from(latenciesUs), elapsedMs, cpuMs);
  }

  async ask<Answer extends object>(...words: readonly (string | number)[]): Promise<Answer> {
    const answered = once(this.#lines, "line") as Promise<[string]>;
    this.#process.stdin.write(`${words.join(" ")}\n`);
    const ended = this.#process.ended.then((failure): never => {
      throw new Error(`${this.name} ended: ${failure}\n${this.#process.errors}`);
    });
    const [line] = await Promise.race([answered, ended]);
    const answer = JSON.parse(line) as Answer & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(`${this.name}, ${words.join(" ")}: ${answer.error}`);
    return answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
