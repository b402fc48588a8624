import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RetryPolicy } from "../../src/retry/retry-policy.ts";
import { retrying } from "../../src/retry/retrying.ts";
import { rejection } from "../support/turns.ts";

const policy: RetryPolicy = { retries: 5, minDelayMs: 20, maxDelayMs: 100 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When each attempt was made, milliseconds after the first. */
async function attempts(float: number, run: Partial<Parameters<typeof retrying>[1]> = {}): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  const attempt = async (): Promise<never> => {
    times.push(Math.round(performance.now() - start));
    throw new Error("again");
  };
  const signal = new AbortController().signal;
  const random = { float: () => float, uuid: () => "" };
  const result = rejection(retrying(attempt, { policy, random, signal, shouldRetry: () => true, ...run }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await result).message).toBe("again");
  expect(vi.getTimerCount()).toBe(0);
  return times;
}

describe("retrying", () => {
  it("doubles the pause from retry to retry, up to the bound", async () => {
    expect(await attempts(0)).toEqual([0, 20, 60, 140, 240, 340]);
  });

  it("jitters by up to as much again, by the random source alone", async () => {
    expect(await attempts(0.5)).toEqual([0, 30, 90, 190, 290, 390]);
  });

  it("stops where it may not", async () => {
    expect(await attempts(0, { shouldRetry: () => false })).toEqual([0]);
    expect(await attempts(0, { policy: { retries: 0, minDelayMs: 0, maxDelayMs: 0 } })).toEqual([0]);
  });

  it("ends its pause when the signal aborts, with the signal's reason", async () => {
    const controller = new AbortController();
    const attempt = vi.fn(() => Promise.reject(new Error("again")));
    const { signal } = controller;
    const random = { float: () => 0, uuid: () => "" };
    const result = rejection(retrying(attempt, { policy, random, signal, shouldRetry: () => true }));
    await vi.advanceTimersByTimeAsync(10);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect([attempt.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
