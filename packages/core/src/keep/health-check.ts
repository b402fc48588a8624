import { bounded } from "../bounds/bounded.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { pause } from "../recipe/pause.ts";

/** Decides again and again whether a node may be present; the function alone stands for the defaults. */
export type HealthCheck = HealthCheckOptions | HealthCheckOptions["check"];

export interface HealthCheckOptions {
  /** False or an error is a failure. `signal` aborts when the time is up or nobody wants to know any more. */
  check(signal: AbortSignal): HealthAnswer | Promise<HealthAnswer>;
  /** From the end of one check to the beginning of the next, milliseconds. Default 5 000. */
  readonly intervalMs?: number;
  /** A check that takes longer has failed, milliseconds. Default 5 000. */
  readonly timeoutMs?: number;
}

/** False is unhealthy; anything else, nothing too, is healthy. */
export type HealthAnswer = boolean | undefined | void;

/** What a health check said last. */
export class HealthGate {
  #isHealthy: boolean | undefined;
  readonly #options: HealthCheckOptions;
  readonly #onChange: () => void;
  readonly #stop = new AbortController();

  /** @throws InvalidArgumentError */
  constructor(healthCheck: HealthCheck, onChange: () => void) {
    const options: HealthCheckOptions = typeof healthCheck === "function" ? { check: healthCheck } : healthCheck;
    if (typeof options?.check !== "function") {
      throw new InvalidArgumentError("healthCheck.check is not a function", { op: "healthCheck" });
    }
    const { intervalMs = 0, timeoutMs = 0 } = options;
    for (const [option, value] of Object.entries({ intervalMs, timeoutMs })) {
      if (typeof value === "number" && value >= 0) continue;
      const message = `healthCheck.${option} ${String(value)} is not a number of milliseconds from 0 up`;
      throw new InvalidArgumentError(message, { op: "healthCheck" });
    }
    this.#options = options;
    this.#onChange = onChange;
    void this.#run(this.#stop.signal);
  }

  /** Undefined before the first answer. */
  get isHealthy(): boolean | undefined {
    return this.#isHealthy;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { intervalMs = 5_000 } = this.#options;
    while (!signal.aborted) {
      const isHealthy = await this.#ask(signal);
      if (signal.aborted) return;
      const isNews = isHealthy !== this.#isHealthy;
      this.#isHealthy = isHealthy;
      if (isNews) this.#onChange();
      await pause(intervalMs, signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<boolean> {
    const { timeoutMs = 5_000 } = this.#options;
    try {
      const ask = async (inner: AbortSignal): Promise<HealthAnswer> => this.#options.check(inner);
      return (await bounded({ signal, timeoutMs }, { op: "healthCheck" }, ask)) !== false;
    } catch {
      return false;
    }
  }
}
