import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type HealthAnswer, type HealthCheckOptions, HealthGate } from "../../src/keep/health-check.ts";
import { turns } from "../support/turns.ts";

let gate: HealthGate | undefined;
let changes: (boolean | undefined)[];

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
});

afterEach(async () => {
  gate?.stop();
  await turns();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function open(check: HealthCheckOptions["check"], options: Partial<HealthCheckOptions> = {}): Promise<void> {
  gate = new HealthGate({ check, ...options }, () => changes.push(gate?.isHealthy));
  await turns();
}

describe("a health gate", () => {
  it("asks at once, and again every interval after the answer; tells changes alone", async () => {
    const answers: HealthAnswer[] = [true, undefined, false, false, true];
    let asked = 0;
    await open(() => answers[asked++], { intervalMs: 100 });
    expect([asked, gate?.isHealthy, changes]).toEqual([1, true, [true]]);
    await vi.advanceTimersByTimeAsync(99);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([asked, changes]).toEqual([2, [true]]);
    await vi.advanceTimersByTimeAsync(300);
    expect([asked, changes]).toEqual([5, [true, false, true]]);
  });

  it("takes an error, thrown or rejected, for a failure", async () => {
    await open(() => {
      throw new Error("ill");
    });
    expect(changes).toEqual([false]);
    gate?.stop();
    changes = [];
    await open(() => Promise.reject(new Error("ill")));
    expect(changes).toEqual([false]);
  });

  it("takes no answer in time for a failure, and tells the check", async () => {
    let signal: AbortSignal | undefined;
    await open(
      (given) => {
        signal = given;
        return new Promise(() => {});
      },
      { timeoutMs: 50, intervalMs: 1_000 },
    );
    expect([gate?.isHealthy, signal?.aborted]).toEqual([undefined, false]);
    await vi.advanceTimersByTimeAsync(50);
    expect([gate?.isHealthy, signal?.aborted]).toEqual([false, true]);
  });

  it("is silent after stop(), which the running check is told of", async () => {
    let answer: (answer: boolean) => void = () => {};
    let signal: AbortSignal | undefined;
    await open((given) => {
      signal = given;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    gate?.stop();
    expect(signal?.aborted).toBe(true);
    answer(true);
    await turns();
    expect(changes).toEqual([]);
  });

  it("refuses times that are none", () => {
    const check = (): boolean => true;
    for (const times of [
      { intervalMs: Number.NaN },
      { intervalMs: -1 },
      { timeoutMs: Number.NaN },
      { timeoutMs: "1" },
    ]) {
      expect(() => new HealthGate({ check, ...times } as HealthCheckOptions, () => {})).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    }
  });

  it("refuses what is no check", () => {
    expect(() => new HealthGate({} as HealthCheckOptions, () => {})).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});
