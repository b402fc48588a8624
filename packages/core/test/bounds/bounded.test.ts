import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bounded, clampDelay, within } from "../../src/bounds/bounded.ts";
import { AbortedError, InvalidArgumentError, TimeoutError } from "../../src/errors/client-errors.ts";
import { listenersOf } from "../support/listeners.ts";
import { rejection, turns } from "../support/turns.ts";

const subject = { op: "get", path: "/a" };

/** Never settles. */
function forever(): Promise<never> {
  return new Promise(() => {});
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("bounded", () => {
  it("passes on what comes in time, and leaves no timer and no listener", async () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const bounds = { signal: controller.signal, timeoutMs: 10 };
    expect(await bounded(bounds, subject, async () => "value")).toBe("value");
    expect(await rejection(bounded(bounds, subject, () => Promise.reject(new Error("mine"))))).toMatchObject({
      message: "mine",
    });
    expect([vi.getTimerCount(), listeners.count]).toEqual([0, 0]);
  });

  it("starts at once", () => {
    const run = vi.fn(forever);
    void bounded({ timeoutMs: 10 }, subject, run);
    expect(run).toHaveBeenCalledOnce();
  });

  it("rejects with TimeoutError when the time is up, and tells what runs on by the very same error", async () => {
    let inner: AbortSignal | undefined;
    const result = rejection(
      bounded({ timeoutMs: 10 }, subject, (signal) => {
        inner = signal;
        return forever();
      }),
    );
    await vi.advanceTimersByTimeAsync(9);
    expect(inner?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const error = await result;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "TIMEOUT", op: "get", path: "/a", retryable: true, outcome: "unknown" });
    expect(error.message).toBe("get /a: not done within 10 ms");
    expect(inner?.reason).toBe(error);
  });

  it("rejects with AbortedError when the signal aborts, its reason the cause", async () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const bounds = { signal: controller.signal, timeoutMs: 10 };
    const result = rejection(bounded(bounds, { ...subject, outcome: () => "not-applied" }, forever));
    controller.abort("enough");
    const error = await result;
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ code: "ABORTED", cause: "enough", outcome: "not-applied", retryable: false });
    expect([vi.getTimerCount(), listeners.count]).toEqual([0, 0]);
  });

  it("runs nothing under a signal that is aborted already", async () => {
    const run = vi.fn(forever);
    const error = await rejection(bounded({ signal: AbortSignal.abort() }, subject, run));
    expect(error).toMatchObject({ code: "ABORTED", outcome: "not-applied" });
    expect(run).not.toHaveBeenCalled();
  });

  it("gives what comes too late to be seen to `discard`, and nothing else", async () => {
    const discarded: string[] = [];
    const late = bounded(
      { timeoutMs: 10 },
      subject,
      () => new Promise<string>((resolve) => setTimeout(() => resolve("late"), 20)),
      (value) => discarded.push(value),
    );
    await Promise.all([rejection(late), vi.advanceTimersByTimeAsync(20)]);
    expect(discarded).toEqual(["late"]);
    await bounded(
      { timeoutMs: 10 },
      subject,
      async () => "in time",
      (value) => discarded.push(value),
    );
    expect(discarded).toEqual(["late"]);
  });

  it("either hands a value out or discards it, whenever the signal aborts", async () => {
    for (let delay = 0; delay < 10; delay++) {
      const controller = new AbortController();
      let discarded = 0;
      const result = bounded(
        { signal: controller.signal },
        subject,
        async () => "value",
        () => discarded++,
      ).then(
        () => 1,
        () => 0,
      );
      for (let turn = 0; turn < delay; turn++) await Promise.resolve();
      controller.abort();
      await turns();
      expect((await result) + discarded).toBe(1);
    }
  });

  it("swallows what fails after a bound was hit", async () => {
    const result = bounded({ timeoutMs: 1 }, subject, async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new Error("nobody listens");
    });
    await Promise.all([rejection(result), vi.advanceTimersByTimeAsync(1)]);
  });

  it("rejects, and leaves nothing, when what it runs throws at once", async () => {
    const error = await rejection(
      bounded({ timeoutMs: 10 }, subject, () => {
        throw new Error("at once");
      }),
    );
    expect(error.message).toBe("at once");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([-1, Number.NaN, "5" as unknown as number])("rejects timeoutMs %j", async (timeoutMs) => {
    const error = await rejection(bounded({ timeoutMs }, subject, forever));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error.message).toContain(String(timeoutMs));
    expect(await rejection(within({ timeoutMs }, subject, forever))).toBeInstanceOf(InvalidArgumentError);
  });

  it("does not take a time beyond what timers can do for none at all", async () => {
    let state = "pending";
    bounded({ timeoutMs: 2 ** 40 }, subject, forever).catch(() => {
      state = "failed";
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state).toBe("pending");
    bounded({ timeoutMs: Number.POSITIVE_INFINITY }, subject, forever).catch(() => {});
    expect(vi.getTimerCount()).toBe(1);
    expect(clampDelay(-5)).toBe(0);
  });
});

describe("within", () => {
  it("adds nothing where there are no bounds", async () => {
    const run = vi.fn(async (bounds: object) => bounds);
    expect(await within({}, subject, run)).toEqual({});
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps the time once, and tells what it runs whether it is kept", async () => {
    const inner = await within({ timeoutMs: 10 }, subject, async (bounds) => bounds);
    expect(inner).toEqual({ signal: expect.any(AbortSignal), timeoutMs: Number.POSITIVE_INFINITY });
    const { signal } = new AbortController();
    const untimed = await within({ signal }, subject, async (bounds) => bounds);
    expect(untimed).toEqual({ signal: expect.any(AbortSignal), timeoutMs: undefined });
  });
});
