import type { ServiceInstance } from "../../src/entry/service-instance.ts";

export function instance<Payload = unknown>(
  id: string,
  details: Partial<ServiceInstance<Payload>> = {},
): ServiceInstance<Payload> {
  return {
    name: "orders",
    id,
    address: "10.0.0.1",
    port: 8080,
    sslPort: undefined,
    payload: undefined as Payload,
    registrationTimeUTC: 1_700_000_000_000,
    serviceType: "DYNAMIC",
    uriSpec: undefined,
    enabled: true,
    path: `/services/orders/${id}`,
    ...details,
  };
}

export function instances(count: number): ServiceInstance[] {
  return Array.from({ length: count }, (_, index) => instance(`instance-${index}`));
}
