import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { WorkQueue } from "../../src/cache/work-queue.ts";
import { settle } from "../watch/fake-link.ts";

let begun: string[];
let rounds: number;
let idle: number;
let open: Map<string, { finish(): Promise<void>; fail(): Promise<void> }>;
let queue: WorkQueue<"read" | "list">;

function make(width = 2): void {
  begun = [];
  rounds = 0;
  idle = 0;
  open = new Map();
  queue = new WorkQueue({
    width,
    retryDelayMs: 100,
    roundDone: () => rounds++,
    idle: () => idle++,
    work: (kind, path) =>
      new Promise((resolve, reject) => {
        begun.push(`${kind} ${path}`);
        open.set(path, {
          finish: () => (resolve(), settle()),
          fail: () => (reject(new Error("no")), settle()),
        });
      }),
  });
}

beforeEach(() => make());

const finish = (path: string) => open.get(path)?.finish();
const fail = (path: string) => open.get(path)?.fail();

describe("a work queue", () => {
  it("begins in order, at once, no more than its width", async () => {
    for (const path of ["/a", "/b", "/c", "/d"]) queue.add("read", path, false);
    expect(begun).toEqual(["read /a", "read /b"]);
    await finish("/b");
    expect(begun).toEqual(["read /a", "read /b", "read /c"]);
  });

  it("does what is asked for again while it waits once, while it runs once more", async () => {
    make(1);
    queue.add("read", "/a", false);
    for (let i = 0; i < 3; i++) queue.add("read", "/a", false);
    for (let i = 0; i < 3; i++) queue.add("read", "/b", false);
    await finish("/a");
    await finish("/b");
    await finish("/a");
    await settle();
    expect(begun).toEqual(["read /a", "read /b", "read /a"]);
    expect(queue.has("read", "/a")).toBe(false);
  });

  it("keeps different work on one path apart", () => {
    queue.add("read", "/a", false);
    queue.add("list", "/a", false);
    expect(begun).toEqual(["read /a", "list /a"]);
  });

  it("tells of a round when all of it is done, however much else there is", async () => {
    make(10);
    queue.add("list", "/a", true);
    queue.add("read", "/other", false);
    queue.add("read", "/b", false);
    queue.add("read", "/b", true);
    await finish("/a");
    expect(rounds).toBe(0);
    await finish("/b");
    // The run that had begun when the round asked does not count.
    expect(rounds).toBe(0);
    await finish("/b");
    expect(rounds).toBe(1);
    queue.add("read", "/other", true);
    await finish("/other");
    await finish("/other");
    expect(rounds).toBe(2);
  });

  it("tries what failed again after a while, and the round waits for it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    queue.add("read", "/a", true);
    queue.add("read", "/a", true);
    await fail("/a");
    expect([begun.length, rounds]).toEqual([1, 0]);
    vi.advanceTimersByTime(100);
    expect(begun).toEqual(["read /a", "read /a"]);
    await finish("/a");
    expect(rounds).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(begun).toHaveLength(2);
  });

  it("tries what failed again when told to, or when it is asked for", async () => {
    for (const path of ["/a", "/b"]) {
      queue.add("read", path, true);
      await fail(path);
    }
    queue.add("read", "/a", false);
    expect(begun.slice(2)).toEqual(["read /a"]);
    queue.retryNow();
    expect(begun.slice(3)).toEqual(["read /b"]);
    await finish("/a");
    await finish("/b");
    expect(rounds).toBe(1);
  });

  it("does nothing after close", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    for (const path of ["/a", "/b", "/c"]) queue.add("read", path, true);
    await fail("/a");
    queue.close();
    queue.add("read", "/d", true);
    await finish("/b");
    await fail("/c");
    vi.advanceTimersByTime(1_000);
    expect(begun).toEqual(["read /a", "read /b", "read /c"]);
    expect([rounds, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("is idle when nothing waits, runs, or is to be tried again", async () => {
    expect(queue.isIdle).toBe(true);
    queue.add("read", "/a", false);
    queue.add("read", "/b", true);
    await finish("/b");
    expect([queue.isIdle, idle]).toEqual([false, 0]);
    queue.add("read", "/a", false);
    await finish("/a");
    expect([queue.isIdle, idle]).toEqual([false, 0]);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await fail("/a");
    expect([queue.isIdle, idle]).toEqual([false, 0]);
    await vi.advanceTimersByTimeAsync(100);
    await finish("/a");
    expect([queue.isIdle, idle]).toEqual([true, 1]);
  });
});
