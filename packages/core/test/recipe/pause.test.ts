import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pause } from "../../src/recipe/pause.ts";
import { listenersOf } from "../support/listeners.ts";
import { turns, watched } from "../support/turns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a pause ends with its time, or as soon as the signal aborts, and leaves nothing", async () => {
  const controller = new AbortController();
  const listeners = listenersOf(controller.signal);
  const whole = watched(pause(50, controller.signal));
  await vi.advanceTimersByTimeAsync(49);
  expect(whole.state).toBe("pending");
  await vi.advanceTimersByTimeAsync(1);
  expect([whole.state, listeners.count]).toEqual(["done", 0]);
  const cut = watched(pause(50, controller.signal));
  controller.abort();
  await turns();
  expect([cut.state, vi.getTimerCount()]).toEqual(["done", 0]);
  await pause(50, controller.signal);
  expect(vi.getTimerCount()).toBe(0);
});

it("a pause longer than a timer can count is not over at once", async () => {
  const controller = new AbortController();
  const long = watched(pause(Number.MAX_SAFE_INTEGER, controller.signal));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(long.state).toBe("pending");
  controller.abort();
  await long.promise;
});
