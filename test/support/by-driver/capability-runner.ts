import { subscribe } from "node:diagnostics_channel";
import { type RunnerTestCase, TestRunner } from "vitest";
import { needs } from "./needs.ts";

interface Refusal {
  readonly code?: unknown;
  readonly capability?: unknown;
  readonly cause?: unknown;
}

/**
 * For suites that were written for a driver that can do everything, run by one that cannot: a test that fails after the driver has
 * refused something for want of a capability counts as skipped, with a note that names what it needs.
 */
export default class CapabilityRunner extends TestRunner {
  /** Refused while the present test ran. */
  readonly #missing = new Set<string>();

  constructor(...options: ConstructorParameters<typeof TestRunner>) {
    super(...options);
    subscribe("tracing:quorate:operation:error", (message) => this.#note((message as { error?: unknown }).error));
  }

  override onBeforeTryTask(test: RunnerTestCase): void {
    super.onBeforeTryTask(test);
    this.#missing.clear();
  }

  onAfterRetryTask(test: RunnerTestCase): void {
    const { result } = test;
    if (result?.state !== "fail") return;
    for (const error of result.errors ?? []) this.#note(error);
    const need = needs[test.name];
    if (need !== undefined) this.#missing.add(need);
    if (this.#missing.size === 0) return;
    const missing = [...this.#missing].sort();
    // For the table in docs/drivers.md.
    Object.assign(test.meta, { needs: missing });
    // As `context.skip()` does it.
    Object.assign(result, { state: "skip", pending: true, note: `needs ${missing.join(", ")}` });
  }

  #note(error: unknown): void {
    for (let refusal = error as Refusal | undefined; refusal !== undefined && refusal !== null; ) {
      if (refusal.code === "UNSUPPORTED" && typeof refusal.capability === "string")
        this.#missing.add(refusal.capability);
      refusal = refusal.cause as Refusal | undefined;
    }
  }
}
