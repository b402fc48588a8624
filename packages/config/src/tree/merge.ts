import { copyOf, isPlain } from "../values/copy.ts";

/** Later ones over earlier ones: objects key by key, anything else as a whole. */
export function merged(layers: readonly unknown[]): unknown {
  return layers.reduce((under, over) => overlaid(under, over), undefined);
}

function overlaid(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return copyOf(over === undefined ? under : over);
  const result = { ...copyOf(under) };
  for (const [key, value] of Object.entries(over)) {
    define(result, key, overlaid(Object.hasOwn(under, key) ? under[key] : undefined, value));
  }
  return result;
}

/** Not assigned: a znode may be named __proto__. */
export function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && isPlain(value);
}
