import { describe, expect, it } from "vitest";
import { Latest } from "../../src/bounds/latest.ts";
import { listenersOf } from "../support/listeners.ts";
import { turns, watched } from "../support/turns.ts";

async function collect<T>(values: AsyncIterable<T>, into: T[]): Promise<void> {
  for await (const value of values) into.push(value);
}

describe("Latest", () => {
  it("gives the value now, then each newer one, and finishes after the last", async () => {
    const latest = new Latest("a");
    const seen: string[] = [];
    const reading = collect(latest.follow(), seen);
    await turns();
    latest.set("b");
    await turns();
    latest.set("c");
    latest.end();
    await reading;
    expect(seen).toEqual(["a", "b", "c"]);
    expect(latest.value).toBe("c");
  });

  it("lets a slow reader miss what was overtaken, never the newest", async () => {
    const latest = new Latest(0);
    const values = latest.follow();
    expect(await values.next()).toEqual({ done: false, value: 0 });
    for (const value of [1, 2, 3]) latest.set(value);
    expect(await values.next()).toEqual({ done: false, value: 3 });
    latest.end();
    expect(await values.next()).toEqual({ done: true, value: undefined });
  });

  it("tells nothing when the same value is set again, nor after the end", async () => {
    const latest = new Latest(1);
    const values = latest.follow();
    await values.next();
    const next = watched(values.next());
    latest.set(1);
    await turns();
    expect(next.state).toBe("pending");
    latest.end();
    latest.set(2);
    expect(await next.promise).toEqual({ done: true, value: undefined });
    expect(latest.value).toBe(1);
    expect(await latest.follow().next()).toEqual({ done: false, value: 1 });
  });

  it("serves several readers alike", async () => {
    const latest = new Latest("a");
    const [first, second]: [string[], string[]] = [[], []];
    const reading = Promise.all([collect(latest.follow(), first), collect(latest.follow(), second)]);
    await turns();
    latest.set("b");
    await turns();
    latest.end();
    await reading;
    expect([first, second]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("finishes when the signal aborts, and leaves no listener behind", async () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const latest = new Latest("a");
    const [values, left] = [latest.follow(controller.signal), latest.follow(controller.signal)];
    await values.next();
    await left.next();
    await left.return?.();
    const waiting = values.next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(listeners.count).toBe(0);
    expect(await latest.follow(controller.signal).next()).toEqual({ done: true, value: undefined });
  });

  it("lets a reader go at once, also while it waits", async () => {
    const latest = new Latest("a");
    const values = latest.follow();
    await values.next();
    const waiting = values.next();
    expect(await values.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await values.next()).toEqual({ done: true, value: undefined });
  });
});
