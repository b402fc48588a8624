import { systemRandom } from "@quorate/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ExpiryQueue } from "../../src/embedded/sessions/expiry-queue.ts";
import { SessionTracker } from "../../src/embedded/sessions/session-tracker.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Expired {
  readonly item: string;
  readonly atMs: number;
}

function queue(intervalMs = 100): { queue: ExpiryQueue<string>; expired: Expired[]; startMs: number } {
  const startMs = performance.now();
  const expired: Expired[] = [];
  return {
    queue: new ExpiryQueue<string>(intervalMs, (item) => expired.push({ item, atMs: performance.now() - startMs })),
    expired,
    startMs,
  };
}

it("expires what is not touched, after its time and within one interval", () => {
  const { queue: items, expired } = queue();
  items.touch("a", 250);
  vi.advanceTimersByTime(200);
  items.touch("b", 250);
  items.touch("c", 1000);
  items.remove("c");
  vi.advanceTimersByTime(5000);
  expect(expired.map(({ item }) => item)).toEqual(["a", "b"]);
  expect(expired[0]?.atMs).toSatisfy((atMs: number) => atMs > 250 && atMs <= 350);
  expect(expired[1]?.atMs).toSatisfy((atMs: number) => atMs > 450 && atMs <= 550);
});

it("gives more time, or less, with every touch", () => {
  const { queue: items, expired } = queue();
  items.touch("more", 200);
  items.touch("less", 5000);
  items.touch("less", 100);
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(150);
    items.touch("more", 200);
  }
  expect(expired.map(({ item }) => item)).toEqual(["less"]);
});

it("has a timer only while something is in it", () => {
  const { queue: items } = queue();
  expect(vi.getTimerCount()).toBe(0);
  items.touch("a", 100);
  items.touch("b", 500);
  expect(vi.getTimerCount()).toBe(1);
  items.remove("a");
  vi.advanceTimersByTime(1000);
  expect(vi.getTimerCount()).toBe(0);
  items.touch("c", 100);
  items.clear();
  expect(vi.getTimerCount()).toBe(0);
});

it("holds everything while paused, and lets go of what is due then", () => {
  const { queue: items, expired } = queue();
  items.touch("due", 100);
  items.touch("not due", 5000);
  items.pause();
  vi.advanceTimersByTime(1000);
  items.touch("new", 100);
  expect(expired).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  items.resume();
  expect(expired.map(({ item }) => item)).toEqual(["due"]);
  vi.advanceTimersByTime(10_000);
  expect(expired.map(({ item }) => item)).toEqual(["due", "new", "not due"]);
});

it("waits for more than a timer can", () => {
  const { queue: items, expired } = queue();
  items.touch("long", 2 ** 31);
  vi.advanceTimersByTime(2 ** 31 - 1);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(expired).toHaveLength(1);
});

it("a thousand sessions expire each within one tick after its time", () => {
  const tickTimeMs = 500;
  const openedAt = new Map<bigint, number>();
  const lateMs: number[] = [];
  const tracker: SessionTracker = new SessionTracker({
    tickTimeMs,
    random: systemRandom,
    onExpired: ({ id, timeoutMs }) => lateMs.push(performance.now() - (openedAt.get(id) ?? 0) - timeoutMs),
  });
  for (let i = 0; i < 1000; i++) {
    const { id } = tracker.open(1000 + i * 7, false, { drop: () => {} });
    openedAt.set(id, performance.now());
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(20_000);
  expect(lateMs).toHaveLength(1000);
  expect(Math.min(...lateMs)).toBeGreaterThan(0);
  expect(Math.max(...lateMs)).toBeLessThanOrEqual(tickTimeMs);
  expect(vi.getTimerCount()).toBe(0);
});
