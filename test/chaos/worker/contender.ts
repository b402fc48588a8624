import { AbortedError, type Client, LeaseLostError, QuorateError } from "@quorate/core";
import { pause } from "@quorate/core/recipe";
import { Seeded } from "../../faults/support/seeded.ts";
import type { Asked, RecipeName } from "../history/records.ts";
import { brokenOne } from "./broken/broken-one.ts";
import type { Asking, Contended, Got } from "./contended.ts";
import { hold, isAlive } from "./hold.ts";
import { type Log, now } from "./log.ts";
import { pathsOf } from "./paths.ts";
import { product } from "./product.ts";
import type { Settings } from "./settings.ts";

/** What waits with bounds may end with. Waits without bounds end with a lease and nothing else. */
const allowed: Readonly<Record<Asked, ReadonlySet<string>>> = {
  wait: new Set(),
  timeout: new Set(["TIMEOUT"]),
  abort: new Set(["ABORTED"]),
  try: new Set(["SESSION_EXPIRED"]),
};

/** One recipe of one process: asks for it, holds it and gives it back, until the process finishes. */
export class RecipeLoop {
  readonly #settings: Settings;
  readonly #recipe: RecipeName;
  readonly #log: Log;
  readonly #witness: Client;
  readonly #contended: Contended;
  readonly #random: Seeded;
  readonly #nextNumber: () => number;

  constructor(
    client: Client,
    witness: Client,
    recipe: RecipeName,
    { settings, log, seed, nextNumber }: { settings: Settings; log: Log; seed: number; nextNumber: () => number },
  ) {
    this.#settings = settings;
    this.#recipe = recipe;
    this.#log = log;
    this.#witness = witness;
    this.#random = new Seeded(seed);
    const { name: id, root, recipes } = settings;
    const implementation = recipes[recipe] ?? "quorate";
    this.#contended =
      implementation === "quorate"
        ? product(client, recipe, settings, this.#random)
        : brokenOne(client, { implementation, path: pathsOf(root, recipe).lock, id });
    this.#nextNumber = nextNumber;
  }

  /** Afterwards once more, without bounds. */
  async run(finishing: AbortSignal): Promise<void> {
    const random = this.#random;
    while (!finishing.aborted) {
      await this.#turn(this.#anyKind());
      await pause(random.between(0, 150));
    }
    await this.#turn("wait");
  }

  #anyKind(): Asked {
    const roll = this.#random.float();
    if (roll < 0.7) return "wait";
    if (roll < 0.8 || !this.#contended.canTry) return "abort";
    return roll < 0.9 ? "timeout" : "try";
  }

  async #turn(asked: Asked): Promise<void> {
    const number = this.#nextNumber();
    this.#log.add({ kind: "wait", wait: number, recipe: this.#recipe, asked });
    const got = await this.#ask(asked, number);
    if (got !== undefined) await this.#hold(got, number);
  }

  async #ask(asked: Asked, number: number): Promise<Got | undefined> {
    const boundMs = this.#random.between(1, 600);
    const ending = new AbortController();
    const timer = asked === "abort" ? setTimeout(() => ending.abort(), boundMs) : undefined;
    const bounds = { timeout: { timeoutMs: boundMs }, abort: { signal: ending.signal }, wait: {} };
    const asking: Asking = asked === "try" ? { kind: "try" } : { kind: "wait", bounds: bounds[asked] };
    try {
      const got = await this.#contended.ask(asking);
      this.#log.add({ kind: "waited", wait: number, outcome: got === undefined ? "not-held" : "held" });
      if (got === undefined && asked === "wait") this.#fail(`a wait for the ${this.#recipe} ended without it`);
      return got;
    } catch (error) {
      const code = error instanceof QuorateError ? error.code : "none";
      this.#log.add({ kind: "waited", wait: number, outcome: code });
      if (!allowed[asked].has(code)) this.#fail(`waiting for the ${this.#recipe} (${asked}): ${textOf(error)}`);
      if (error instanceof AbortedError && !ending.signal.aborted) this.#fail(`aborted by nobody: ${textOf(error)}`);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  async #hold({ lease, isShared, permits, release }: Got, number: number): Promise<void> {
    const { root, name, longHolds } = this.#settings;
    const random = this.#random;
    const at = now();
    const token = String(lease.fencingToken);
    const recipe = this.#recipe;
    const begun = { at, hold: number, recipe, isShared, permits, token, isAlive: isAlive(lease) };
    // Leaders lead for longer.
    const isLong = random.float() < (recipe === "latch" ? 2 * longHolds : longHolds);
    const durationMs = isLong ? random.between(500, 3_500) : random.between(5, 60);
    this.#log.add({ kind: "begin", ...begun, isLong });
    const onLost = (): void => {
      const reason: unknown = lease.signal.reason;
      const isLoss = reason instanceof LeaseLostError;
      this.#log.add({ kind: "lost", hold: number, reason: isLoss ? reason.reason : "none" });
      if (!isLoss) this.#fail(`a lease was aborted with ${textOf(reason)}`);
    };
    if (lease.signal.aborted) onLost();
    else lease.signal.addEventListener("abort", onLost, { once: true });
    const paths = pathsOf(root, recipe);
    const id = `${name}/${number}`;
    try {
      await hold({ log: this.#log, number, id, lease, paths, witness: this.#witness, random, durationMs });
    } catch (error) {
      this.#fail(`holding the ${recipe}: ${textOf(error)}`);
    }
    lease.signal.removeEventListener("abort", onLost);
    this.#log.add({ kind: "release", hold: number });
    try {
      await release();
      this.#log.add({ kind: "released", hold: number });
    } catch (error) {
      this.#fail(`releasing the ${recipe}: ${textOf(error)}`);
    }
  }

  #fail(what: string): void {
    this.#log.add({ kind: "failure", what });
  }
}

export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}${error.cause === undefined ? "" : ` <- ${textOf(error.cause)}`}`;
}
