import { describe, expect, test } from "vitest";
import { copyOf, isChangeable } from "../../src/values/copy.ts";
import { sharedValue } from "../../src/values/shared.ts";

const date = new Date(0);
const value = {
  a: [{ b: 1 }],
  date,
  map: new Map([[{ k: 1 }, { v: 1 }]]),
  set: new Set([{ s: 1 }]),
  bytes: Uint8Array.of(1),
  none: null,
  bare: Object.assign(Object.create(null) as object, { x: 1 }),
};

test("a copy equals its original and shares nothing", () => {
  const copy = copyOf(value);
  expect(copy).toEqual(value);
  (copy.a[0] as { b: number }).b = 2;
  copy.date.setTime(5);
  copy.bytes[0] = 9;
  copy.map.clear();
  for (const item of copy.set) item.s = 7;
  expect(value.a).toEqual([{ b: 1 }]);
  expect([value.date.getTime(), value.bytes[0], value.map.size, [...value.set]]).toEqual([0, 1, 1, [{ s: 1 }]]);
});

test("what refers to itself is copied once", () => {
  const ring: { self?: unknown; list: unknown[] } = { list: [] };
  ring.self = ring;
  ring.list.push(ring);
  const copy = copyOf(ring, { frozen: true });
  expect(copy.self).toBe(copy);
  expect(copy.list[0]).toBe(copy);
  expect(copy).not.toBe(ring);
});

test("instances of classes are shared and not frozen", () => {
  const url = new URL("http://a/");
  const copy = copyOf({ url }, { frozen: true });
  expect(copy.url).toBe(url);
  expect(Object.isFrozen(url)).toBe(false);
});

test("a key named __proto__ stays a key", () => {
  const copy = copyOf(JSON.parse('{"__proto__": {"x": 1}}') as object);
  expect(Object.keys(copy)).toEqual(["__proto__"]);
  expect((copy as { x?: number }).x).toBeUndefined();
});

describe("what is shared", () => {
  const share = (of: unknown): { readonly value: unknown } =>
    Object.defineProperty({}, "value", sharedValue(of)) as { readonly value: unknown };

  test("is frozen all the way down, and the original is not", () => {
    const original = { a: [{ b: 1 }] };
    const { value: given } = share(original) as { value: { a: { b: number }[] } };
    expect(() => given.a.push({ b: 2 })).toThrow(TypeError);
    expect(() => {
      (given.a[0] as { b: number }).b = 2;
    }).toThrow(TypeError);
    original.a.push({ b: 3 });
    expect(given).toEqual({ a: [{ b: 1 }] });
    expect(share(original).value).not.toBe(original);
  });

  test("is the same object each time, or a copy where it cannot be frozen", () => {
    const frozen = share({ a: 1 });
    expect(frozen.value).toBe(frozen.value);
    const bytes = share({ a: Uint8Array.of(1) });
    (bytes.value as { a: Uint8Array }).a[0] = 9;
    expect(bytes.value).toEqual({ a: Uint8Array.of(1) });
  });

  test.each([
    [1, false],
    [{ a: [1] }, false],
    [[new Map()], true],
    [{ a: { b: date } }, true],
  ])("%o can be changed though frozen: %s", (of, expected) => expect(isChangeable(of)).toBe(expected));
});
