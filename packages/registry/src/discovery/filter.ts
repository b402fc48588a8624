import type { ServiceInstance } from "../entry/service-instance.ts";

/** A value, one of several, or what a function says of it. */
export type Criterion = string | readonly string[] | ((value: string) => boolean);

/** All of what is given must hold. */
export interface FilterCriteria<Payload = unknown> {
  /** `zone` in the payload or, as Spring Cloud has it, in its `metadata`. */
  readonly zone?: Criterion | undefined;
  /** `version`, in the same places. */
  readonly version?: Criterion | undefined;
  /** What a function says of the payload, or an object whose every field the payload has with the same value, at any depth. */
  readonly payload?: ((payload: Payload) => boolean) | Readonly<Record<string, unknown>> | undefined;
}

/** Which instances count. */
export type InstanceFilter<Payload = unknown> =
  | FilterCriteria<Payload>
  | ((instance: ServiceInstance<Payload>) => boolean);

export function isWanted<Payload>(
  instance: ServiceInstance<Payload>,
  filter: InstanceFilter<Payload> | undefined,
): boolean {
  if (filter === undefined) return true;
  if (typeof filter === "function") return filter(instance);
  const { zone, version, payload } = filter;
  if (zone !== undefined && !meets(labelOf(instance.payload, "zone"), zone)) return false;
  if (version !== undefined && !meets(labelOf(instance.payload, "version"), version)) return false;
  if (payload === undefined) return true;
  return typeof payload === "function" ? payload(instance.payload) : contains(instance.payload, payload);
}

function labelOf(payload: unknown, label: "zone" | "version"): string | undefined {
  const own = fieldOf(payload, label) ?? fieldOf(fieldOf(payload, "metadata"), label);
  return typeof own === "string" || typeof own === "number" ? String(own) : undefined;
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function meets(label: string | undefined, criterion: Criterion): boolean {
  if (label === undefined) return false;
  if (typeof criterion === "function") return criterion(label);
  return typeof criterion === "string" ? label === criterion : criterion.includes(label);
}

function contains(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== "object" || pattern === null) return Object.is(value, pattern);
  return Object.entries(pattern).every(([key, wanted]) => contains(fieldOf(value, key), wanted));
}
