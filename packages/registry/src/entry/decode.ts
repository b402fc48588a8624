import { InvalidEntryError } from "./errors.ts";
import { type PayloadSchema, validPayload } from "./payload-schema.ts";
import { type ServiceInstance, type ServiceType, serviceTypes, type UriSpec } from "./service-instance.ts";

type Fields = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * An entry in the JSON that Curator's `ServiceInstance` has. Fields that are not known are passed over, as older and newer versions write
 * different ones.
 *
 * @throws InvalidEntryError
 */
export function decodeInstance<Payload>(
  path: string,
  data: Uint8Array | null,
  schema?: PayloadSchema<Payload>,
): ServiceInstance<Payload> {
  const fields = fieldsOf(path, data);
  const read = reader(fields, path);
  const serviceType = read("serviceType", isServiceType, "a service type") ?? "DYNAMIC";
  return {
    name: required("name", read("name", isString, "text"), path),
    id: required("id", read("id", isString, "text"), path),
    address: read("address", isString, "text"),
    port: read("port", isPort, "a port"),
    sslPort: read("sslPort", isPort, "a port"),
    payload: validPayload(fields["payload"] ?? undefined, schema, { op: "discover", path }),
    registrationTimeUTC: read("registrationTimeUTC", isNumber, "a number") ?? 0,
    serviceType,
    uriSpec: read("uriSpec", isUriSpec, "a URI specification"),
    enabled: read("enabled", isBoolean, "a boolean") ?? true,
    path,
  };
}

function fieldsOf(path: string, data: Uint8Array | null): Fields {
  if (data === null || data.length === 0) throw invalid(path, "it is empty");
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(data));
  } catch {
    // The parser's own message shows the data.
    throw invalid(path, "it is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(path, "it is not an object");
  return value as Fields;
}

function reader(fields: Fields, path: string) {
  return <T>(key: string, fits: (value: unknown) => value is T, wanted: string): T | undefined => {
    const value = fields[key];
    if (value === undefined || value === null) return undefined;
    if (!fits(value)) throw invalid(path, `${key} is not ${wanted}`);
    return value;
  };
}

function required<T>(key: string, value: T | undefined, path: string): T {
  if (value === undefined) throw invalid(path, `it has no ${key}`);
  return value;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** Spring Cloud registers 0 for a port it has none of. */
function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535;
}

function isServiceType(value: unknown): value is ServiceType {
  return isString(value) && serviceTypes.has(value);
}

function isUriSpec(value: unknown): value is UriSpec {
  const { parts } = value as { readonly parts?: unknown };
  if (!Array.isArray(parts)) return false;
  return parts.every((part: Fields | null) => isString(part?.["value"]) && isBoolean(part["variable"]));
}

function invalid(path: string, reason: string): InvalidEntryError {
  return new InvalidEntryError(`${path} is no entry of a service: ${reason}`, { op: "discover", path });
}
