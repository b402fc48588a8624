import { join } from "node:path";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { Routes } from "../../faults/support/routes.ts";
import { eventually } from "../../support/eventually.ts";
import type { Settings } from "../worker/settings.ts";
import { ContenderProcess } from "./contender-process.ts";

type Common = Omit<Settings, "name" | "connectString" | "witnessConnectString" | "logFile">;

/** One contender over its lives: a process, and when that was killed the next one, on the same way to the servers. */
export class Slot {
  readonly routes: Routes;
  /** All of its processes, the one of now last. */
  readonly lives: ContenderProcess[] = [];
  readonly #base: string;
  readonly #common: Common;
  readonly #witnessConnectString: string;
  readonly #directory: string;
  /** Whether a fault is being done to it. */
  isBusy = false;

  private constructor(base: string, routes: Routes, ensemble: ZooKeeperEnsemble, directory: string, common: Common) {
    this.#base = base;
    this.routes = routes;
    this.#witnessConnectString = ensemble.connectString;
    this.#directory = directory;
    this.#common = common;
    this.start();
  }

  /** With its first process on the way. */
  static async open(base: string, ensemble: ZooKeeperEnsemble, directory: string, common: Common): Promise<Slot> {
    return new Slot(base, await Routes.open(ensemble), ensemble, directory, common);
  }

  get process(): ContenderProcess {
    const process = this.lives.at(-1);
    if (process === undefined) throw new Error(`${this.#base} has no process`);
    return process;
  }

  start(): void {
    const life = this.lives.length + 1;
    const name = `${this.#base}.${life}`;
    this.lives.push(
      new ContenderProcess({
        ...this.#common,
        seed: this.#common.seed + Math.imul(life, 7_919),
        name,
        connectString: this.routes.connectString,
        witnessConnectString: this.#witnessConnectString,
        logFile: join(this.#directory, `${name}.jsonl`),
      }),
    );
  }

  async started(): Promise<void> {
    const { process } = this;
    await eventually(() => process.isStarted || process.ending !== undefined, { boundMs: 120_000, intervalMs: 50 });
  }

  async close(): Promise<void> {
    await this.process.kill("hung");
    await this.routes.close();
  }
}
