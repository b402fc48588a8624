import { copyOf, isChangeable } from "./copy.ts";

/** How one value is given to everybody who asks, so that nobody can change what another sees: a property `value`. */
export function sharedValue(value: unknown): PropertyDescriptor {
  // A copy first: parts of it may belong to the schema, such as its defaults.
  const own = copyOf(value, { frozen: true });
  if (!isChangeable(own)) return { value: own, enumerable: true };
  return { get: () => copyOf(own, { frozen: true }), enumerable: true };
}
