import { type Acl, InvalidArgumentError } from "@quorate/core";
import { type Bounds, type HealthCheck, joinPath, validatePath } from "@quorate/core/recipe";
import { type PayloadSchema, validPayload } from "../entry/payload-schema.ts";
import { type ServiceInstance, type ServiceType, serviceTypes, type UriSpec } from "../entry/service-instance.ts";
import { parseUriSpec } from "../entry/uri-spec.ts";

/** What can be changed while it is registered. */
export interface InstanceDetails<Payload = unknown> {
  /** A host name or IP address. Default: that of the interface which reaches the ensemble. */
  readonly address?: string | undefined;
  /** 1 to 65 535. */
  readonly port?: number | undefined;
  /** Of TLS; 1 to 65 535. */
  readonly sslPort?: number | undefined;
  /** Anything that has JSON. */
  readonly payload?: Payload | undefined;
  /** How callers make a URL of it, in Curator's notation: `{scheme}://{address}:{port}`. */
  readonly uriSpec?: string | UriSpec | undefined;
  /** Default true. False drains: it stays registered, and is not picked. */
  readonly enabled?: boolean | undefined;
}

/** The bounds are for the first appearance. */
export interface RegisterOptions<Payload = unknown> extends InstanceDetails<Payload>, Bounds {
  /** The service's name: one component of a path. */
  readonly name: string;
  /** Of the instance, one component of a path. Default a new UUID. */
  readonly id?: string | undefined;
  /** Default `DYNAMIC`. */
  readonly serviceType?: ServiceType | undefined;
  /** It is registered only while this says so: the function alone, or with its times. Default: always. */
  readonly healthCheck?: HealthCheck | undefined;
  /** Refuses a payload that does not fit. Default the registry's schema. */
  readonly schema?: PayloadSchema<Payload> | undefined;
  /** Default the client's `acl` option. */
  readonly acl?: readonly Acl[] | undefined;
}

export interface NewInstance {
  readonly basePath: string;
  readonly id: string;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly registrationTimeUTC: number;
}

/** @throws InvalidArgumentError, InvalidEntryError (the payload does not fit the schema) */
export function newInstance<Payload>(options: RegisterOptions<Payload>, made: NewInstance): ServiceInstance<Payload> {
  const { name, serviceType = "DYNAMIC", schema } = options;
  const { basePath, id, address, registrationTimeUTC } = made;
  const servicePath = pathOf(basePath, name, "name");
  const path = pathOf(servicePath, id, "id");
  const refuse = refusal(path);
  if (!serviceTypes.has(serviceType)) refuse("serviceType", serviceType, `one of ${[...serviceTypes].join(", ")}`);
  const blank: ServiceInstance<Payload> = {
    name,
    id,
    address,
    port: undefined,
    sslPort: undefined,
    payload: undefined as Payload,
    registrationTimeUTC,
    serviceType,
    uriSpec: undefined,
    enabled: true,
    path,
  };
  return changedInstance(blank, options, schema, "register");
}

/**
 * With these details in place of its own; what is not mentioned stays.
 *
 * @throws InvalidArgumentError, InvalidEntryError (the payload does not fit the schema)
 */
export function changedInstance<Payload>(
  instance: ServiceInstance<Payload>,
  details: InstanceDetails<Payload>,
  schema: PayloadSchema<Payload> | undefined,
  op: "register" | "update",
): ServiceInstance<Payload> {
  const { path } = instance;
  const refuse = refusal(path);
  const { address = instance.address, enabled = instance.enabled } = details;
  const given = <Key extends "port" | "sslPort" | "payload" | "uriSpec">(key: Key) =>
    Object.hasOwn(details, key) ? details[key] : instance[key];
  const [port, sslPort, payload, uriSpec] = [given("port"), given("sslPort"), given("payload"), given("uriSpec")];
  for (const [key, value] of Object.entries({ port, sslPort })) {
    const isPort = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
    if (value !== undefined && !isPort) refuse(key, value, "a whole number from 1 to 65535");
  }
  if (typeof address !== "string" || address === "") refuse("address", address, "a host name or IP address");
  if (typeof enabled !== "boolean") refuse("enabled", enabled, "a boolean");
  validPayload(payload, schema, { op, path });
  return {
    ...instance,
    address,
    port: port as number | undefined,
    sslPort: sslPort as number | undefined,
    payload: payload as Payload,
    uriSpec: typeof uriSpec === "string" ? parsed(uriSpec, path) : (uriSpec as UriSpec | undefined),
    enabled,
  };
}

/** @throws InvalidArgumentError unless it is one component of a path */
export function pathOf(parent: string, name: string, what: "name" | "id"): string {
  if (typeof name !== "string" || name === "" || name.includes("/")) {
    refusal(parent)(what, name, "one component of a path");
  }
  const path = joinPath(parent, name);
  validatePath(path, "registry");
  return path;
}

function parsed(text: string, path: string): UriSpec {
  try {
    return parseUriSpec(text);
  } catch (cause) {
    throw new InvalidArgumentError("uriSpec has a brace that is not closed", { op: "register", path, cause });
  }
}

function refusal(path: string) {
  return (option: string, value: unknown, wanted: string): never => {
    const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
    throw new InvalidArgumentError(`${option} ${shown} is not ${wanted}`, { op: "register", path });
  };
}
