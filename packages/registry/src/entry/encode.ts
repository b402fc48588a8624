import { InvalidArgumentError } from "@quorate/core";
import type { ServiceInstance } from "./service-instance.ts";

/**
 * As Curator's `JsonInstanceSerializer` writes it: every field, null where there is none. `enabled` is left out while true, as older
 * readers know no such field.
 *
 * @throws InvalidArgumentError if the payload has no JSON
 */
export function encodeInstance(instance: ServiceInstance): string {
  const { name, id, address, port, sslPort, payload, registrationTimeUTC, serviceType, uriSpec, enabled } = instance;
  const entry = {
    name,
    id,
    address: address ?? null,
    port: port ?? null,
    sslPort: sslPort ?? null,
    payload: payload ?? null,
    registrationTimeUTC,
    serviceType,
    uriSpec:
      uriSpec === undefined ? null : { parts: uriSpec.parts.map(({ value, variable }) => ({ value, variable })) },
    ...(!enabled && { enabled }),
  };
  try {
    return JSON.stringify(entry);
  } catch {
    throw new InvalidArgumentError("the payload cannot be written as JSON", { op: "register", path: instance.path });
  }
}
