import { describe, expect, it } from "vitest";
import { EventQueue } from "../../src/watch/event-queue.ts";

function make(limit = 3, compact = (items: readonly number[]) => items.filter((item) => item % 2 === 0)) {
  const compacted: number[] = [];
  const taken: number[] = [];
  const queue = new EventQueue<number>({
    limit,
    compact: (items) => {
      compacted.push(items.length);
      return compact(items);
    },
    taken: (item) => taken.push(item),
  });
  return { queue, compacted, taken };
}

const end = { done: true, value: undefined };
const item = (value: number) => ({ done: false, value });

describe("an event queue", () => {
  it("gives items in order to readers who come before and after them", async () => {
    const { queue, taken } = make();
    const early = [queue.next(), queue.next()];
    for (const value of [1, 2, 3]) queue.push(value);
    expect(taken).toEqual([1, 2]);
    expect(await Promise.all([...early, queue.next()])).toEqual([item(1), item(2), item(3)]);
    expect(taken).toEqual([1, 2, 3]);
  });

  it("makes what waits smaller beyond its limit, and not at every item where that saves little", () => {
    const { queue, compacted } = make(3, (items) => [...items]);
    for (let value = 1; value <= 30; value++) queue.push(value);
    expect(compacted).toEqual([4, 9, 19]);
    expect(queue.waiting).toHaveLength(30);
  });

  it("goes back to its limit when it was emptied", async () => {
    const { queue, compacted } = make(3, (items) => [...items]);
    for (let value = 1; value <= 8; value++) queue.push(value);
    for (let value = 1; value <= 8; value++) await queue.next();
    for (let value = 1; value <= 4; value++) queue.push(value);
    expect(compacted).toEqual([4, 4]);
  });

  it("ends at once, dropping what waits", async () => {
    const { queue } = make();
    queue.push(1);
    queue.end();
    queue.push(2);
    expect(await queue.next()).toEqual(end);
    const { queue: other } = make();
    const waiting = other.next();
    other.end();
    expect(await waiting).toEqual(end);
  });

  it("fails after what waits, once", async () => {
    const { queue } = make();
    queue.push(1);
    queue.fail(new Error("refused"));
    expect(await queue.next()).toEqual(item(1));
    await expect(queue.next()).rejects.toThrow("refused");
    expect(await queue.next()).toEqual(end);
  });

  it("fails one waiting reader and ends the others", async () => {
    const { queue } = make();
    const readers = [queue.next(), queue.next()];
    queue.fail(new Error("refused"));
    await expect(readers[0]).rejects.toThrow("refused");
    expect(await readers[1]).toEqual(end);
    queue.fail(new Error("again"));
    expect(await queue.next()).toEqual(end);
  });

  it("can be ended after a failure nobody read", async () => {
    const { queue } = make();
    queue.fail(new Error("refused"));
    queue.end();
    expect(await queue.next()).toEqual(end);
  });
});
