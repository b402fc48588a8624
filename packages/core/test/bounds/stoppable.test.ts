import { describe, expect, it } from "vitest";
import { stoppable } from "../../src/bounds/stoppable.ts";
import { listenersOf } from "../support/listeners.ts";
import { rejection, turns, watched } from "../support/turns.ts";

/** Gives one number, then waits until it is stopped. */
async function* once(signal: AbortSignal, ended: string[] = []): AsyncGenerator<number, void, undefined> {
  try {
    yield 1;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    yield 2;
  } finally {
    ended.push("cleaned up");
  }
}

const done = { done: true, value: undefined };

describe("stoppable", () => {
  it("is the generator's iteration while nobody stops it", async () => {
    const values: number[] = [];
    const numbers = stoppable(undefined, async function* () {
      yield 1;
      yield 2;
    });
    for await (const value of numbers) values.push(value);
    expect(values).toEqual([1, 2]);
    expect(await numbers.next()).toEqual(done);
  });

  it("finishes by return() while next() waits, cleaning up, with nothing more told", async () => {
    const ended: string[] = [];
    const numbers = stoppable(undefined, (signal) => once(signal, ended));
    await numbers.next();
    const waiting = watched(numbers.next());
    await turns();
    expect(waiting.state).toBe("pending");
    expect(await numbers.return?.()).toEqual(done);
    expect(await waiting.promise).toEqual(done);
    expect(ended).toEqual(["cleaned up"]);
  });

  it("finishes when the signal aborts, and follows it only from the first step to the last", async () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const [first, second, never] = [1, 2, 3].map(() => stoppable(controller.signal, (signal) => once(signal)));
    expect(listeners.count).toBe(0);
    await first?.next();
    await second?.next();
    expect(listeners.count).toBe(1);
    await first?.return?.();
    expect(listeners.count).toBe(1);
    const waiting = second?.next();
    controller.abort();
    expect(await waiting).toEqual(done);
    expect(await never?.next()).toEqual(done);
  });

  it("throws what the generator throws, once, unless it was stopped before", async () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const failing = stoppable(controller.signal, async function* () {
      yield 1;
      throw new Error("its own");
    });
    await failing.next();
    expect((await rejection(failing.next())).message).toBe("its own");
    expect(await failing.next()).toEqual(done);
    expect(listeners.count).toBe(0);
    const stopped = stoppable(undefined, async function* (signal) {
      yield 1;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("late"))));
    });
    await stopped.next();
    const waiting = stopped.next();
    await stopped.return?.();
    expect(await waiting).toEqual(done);
  });
});
