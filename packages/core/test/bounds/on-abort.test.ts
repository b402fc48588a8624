import { describe, expect, it } from "vitest";
import { onAbort } from "../../src/bounds/on-abort.ts";
import { listenersOf } from "../support/listeners.ts";

describe("onAbort", () => {
  it("calls every follower once, in order, by one listener of the signal's own", () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const heard: number[] = [];
    for (let follower = 0; follower < 100; follower++) onAbort(controller.signal, () => heard.push(follower));
    expect(listeners.count).toBe(1);
    controller.abort();
    controller.abort();
    expect(heard).toEqual(Array.from({ length: 100 }, (_, follower) => follower));
  });

  it("calls nobody who left, be it in the same abort, and leaves no listener behind the last", () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const heard: string[] = [];
    const listener = (): void => void heard.push("shared");
    const [first, second] = [onAbort(controller.signal, listener), onAbort(controller.signal, listener)];
    first();
    first();
    expect(listeners.count).toBe(1);
    second();
    expect(listeners.count).toBe(0);
    let leave = (): void => {};
    onAbort(controller.signal, () => leave());
    leave = onAbort(controller.signal, listener);
    controller.abort();
    leave();
    expect(heard).toEqual([]);
  });

  it("does nothing without a signal, or with one that has aborted", () => {
    const heard: string[] = [];
    onAbort(undefined, () => heard.push("none"))();
    onAbort(AbortSignal.abort(), () => heard.push("late"))();
    const controller = new AbortController();
    onAbort(controller.signal, () => onAbort(controller.signal, () => heard.push("during")));
    controller.abort();
    expect(heard).toEqual([]);
  });
});
