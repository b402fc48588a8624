import type { ServiceRegistry } from "./service-registry.ts";
import { type DispatcherOptions, ServiceDispatcher } from "./undici/service-dispatcher.ts";

export type { DispatcherOptions, ServiceDispatcher };

/**
 * A dispatcher for undici and for the global `fetch`, to which `http://orders.service/path` is an instance of the service `orders`: each
 * request goes to one that is picked, and its end is reported, so that those that fail are left out for a while. A request that finds no
 * instance fails with NoInstanceError. Close it when done.
 *
 * @throws InvalidArgumentError
 */
export function createDispatcher(registry: ServiceRegistry, options: DispatcherOptions = {}): ServiceDispatcher {
  return new ServiceDispatcher(registry, options);
}
