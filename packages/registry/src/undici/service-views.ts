import type { Service } from "../discovery/service.ts";
import type { DiscoverOptions, ServiceRegistry } from "../service-registry.ts";

interface View {
  readonly opening: Promise<Service>;
  service: Service | undefined;
}

/** The services a dispatcher sends to, each discovered at its first request. */
export class ServiceViews {
  readonly #registry: ServiceRegistry;
  readonly #options: DiscoverOptions;
  readonly #views = new Map<string, View>();

  constructor(registry: ServiceRegistry, options: DiscoverOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  /** At once if it is discovered already. Rejects as `discover()` does; the next request tries again. */
  of(name: string): Service | Promise<Service> {
    const view = this.#views.get(name) ?? this.#open(name);
    return view.service ?? view.opening;
  }

  async close(): Promise<void> {
    const views = [...this.#views.values()];
    this.#views.clear();
    await Promise.all(
      views.map(({ opening }) =>
        opening.then(
          (service) => service.close(),
          () => {},
        ),
      ),
    );
  }

  #open(name: string): View {
    const opening = this.#registry.discover(name, this.#options);
    const view: View = { opening, service: undefined };
    this.#views.set(name, view);
    opening.then(
      (service) => {
        view.service = service;
      },
      () => {
        if (this.#views.get(name) === view) this.#views.delete(name);
      },
    );
    return view;
  }
}
