import { types } from "node:util";

/**
 * A copy nobody else has: plain objects, arrays, maps, sets, dates and bytes, as deep as they go. What else there is, such as instances of
 * classes, is shared. `frozen` also freezes objects and arrays of it.
 */
export function copyOf<T>(value: T, { frozen = false }: { readonly frozen?: boolean } = {}): T {
  return copied(value, frozen ? Object.freeze : same, new Map()) as T;
}

const same = <T>(value: T): T => value;

function copied(value: unknown, finish: (value: object) => object, known: Map<object, object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  const remember = <Copy extends object>(copy: Copy): Copy => {
    known.set(value, copy);
    return copy;
  };
  const inner = (item: unknown): unknown => copied(item, finish, known);
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>([]);
    for (const item of value) copy.push(inner(item));
    return finish(copy);
  }
  if (value instanceof Uint8Array) return remember(Uint8Array.from(value));
  if (types.isDate(value)) return remember(structuredClone(value));
  if (value instanceof Map) {
    const copy = remember(new Map<unknown, unknown>());
    for (const [key, item] of value) copy.set(inner(key), inner(item));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set<unknown>());
    for (const item of value) copy.add(inner(item));
    return copy;
  }
  if (!isPlain(value)) return value;
  const copy = remember(Object.create(Object.getPrototypeOf(value) as object | null) as object);
  for (const key of Reflect.ownKeys(value)) {
    if (!Object.prototype.propertyIsEnumerable.call(value, key)) continue;
    // Defined, not assigned: a key may be __proto__.
    const item = inner((value as Record<PropertyKey, unknown>)[key]);
    Object.defineProperty(copy, key, { value: item, writable: true, enumerable: true, configurable: true });
  }
  return finish(copy);
}

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether freezing cannot protect it: dates, maps, sets and bytes stay changeable. */
export function isChangeable(value: unknown, seen: Set<object> = new Set()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  if (value instanceof Uint8Array || types.isDate(value) || value instanceof Map || value instanceof Set) return true;
  return Object.values(value).some((item) => isChangeable(item, seen));
}
