import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gate, type WaitLimit } from "../../src/bounds/gate.ts";
import { ConnectionLossError } from "../../src/errors/client-errors.ts";
import { listenersOf } from "../support/listeners.ts";
import { rejection, turns, watched } from "../support/turns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function limit(ms: number): WaitLimit {
  return { ms, since: performance.now(), option: "patienceMs" };
}

describe("Gate", () => {
  it("lets everyone through while it is open, and whoever waits when it opens", async () => {
    const gate = new Gate();
    const waiting = [watched(gate.wait()), watched(gate.wait({ limit: limit(100) }))];
    await turns();
    expect(waiting.map(({ state }) => state)).toEqual(["pending", "pending"]);
    gate.open();
    await Promise.all(waiting.map(({ promise }) => promise));
    await gate.wait();
    expect(gate.isOpen).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("makes them wait again once it was shut", async () => {
    const gate = new Gate();
    gate.open();
    gate.shut();
    const waiting = watched(gate.wait());
    await turns();
    expect([gate.isOpen, waiting.state]).toEqual([false, "pending"]);
    gate.open();
    await waiting.promise;
  });

  it("rejects everyone, now and later, once it has failed", async () => {
    const gate = new Gate();
    const waiting = rejection(gate.wait({ limit: limit(100) }));
    const failure = new Error("never again");
    gate.fail(failure);
    expect(await waiting).toBe(failure);
    expect(await rejection(gate.wait())).toBe(failure);
    expect([gate.isOpen, vi.getTimerCount()]).toEqual([false, 0]);
  });

  it("stays failed when it is opened, and keeps the first failure", async () => {
    const gate = new Gate();
    const failure = new Error("first");
    gate.fail(failure);
    gate.fail(new Error("second"));
    gate.open();
    expect(gate.isOpen).toBe(false);
    expect(await rejection(gate.wait())).toBe(failure);
  });

  it("rejects with ConnectionLossError, nothing applied, when the time is up", async () => {
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const waiting = rejection(new Gate().wait({ limit: limit(50), signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(50);
    const error = await waiting;
    expect(error).toBeInstanceOf(ConnectionLossError);
    expect(error).toMatchObject({ outcome: "not-applied", retryable: true });
    expect(error).toHaveProperty("message", "no server could be reached within 50 ms (patienceMs)");
    expect(listeners.count).toBe(0);
  });

  it("rejects with the signal's reason, also when that aborted before", async () => {
    const gate = new Gate();
    const controller = new AbortController();
    const waiting = rejection(gate.wait({ signal: controller.signal, limit: limit(50) }));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await rejection(gate.wait({ signal: controller.signal, limit: limit(50) }))).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });
});
