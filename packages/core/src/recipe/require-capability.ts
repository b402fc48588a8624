import { unsupported } from "../driver/capabilities.ts";
import type { Capability } from "../driver/capability.ts";

/**
 * For recipes that cannot do without: says so before anything is begun.
 *
 * @throws UnsupportedError
 */
export function requireCapability(
  client: { readonly driverName: string; readonly capabilities: ReadonlySet<Capability> },
  capability: Capability,
  subject: { readonly op: string; readonly path?: string },
): void {
  if (!client.capabilities.has(capability)) throw unsupported({ name: client.driverName }, capability, subject);
}
