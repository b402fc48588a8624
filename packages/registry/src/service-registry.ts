import { type Client, InvalidArgumentError, type RandomSource, systemRandom } from "@quorate/core";
import { type Bounds, validatePath, within } from "@quorate/core/recipe";
import { Entries, type InvalidEntry } from "./discovery/entries.ts";
import type { InstanceFilter } from "./discovery/filter.ts";
import { Service } from "./discovery/service.ts";
import { ServiceNames } from "./discovery/service-names.ts";
import { SharedCaches } from "./discovery/shared-caches.ts";
import type { PayloadSchema } from "./entry/payload-schema.ts";
import { type EjectionPolicy, resolvedPolicy } from "./outliers/ejection-policy.ts";
import { localAddress } from "./registration/local-address.ts";
import { newInstance, pathOf, type RegisterOptions } from "./registration/register-options.ts";
import { Registration } from "./registration/registration.ts";
import { roundRobin } from "./strategies/round-robin.ts";
import type { Strategy } from "./strategies/strategy.ts";

export interface RegistryOptions<Payload = unknown> {
  /** Where the services are. Default `/services`, as with Spring Cloud. */
  readonly basePath?: string | undefined;
  /** What payloads must fit, and what their type is; for all services that have no schema of their own. Default: anything. */
  readonly schema?: PayloadSchema<Payload> | undefined;
  /** Told of every entry that cannot be understood and is passed over. Such are logged, too. */
  readonly onInvalid?: ((entry: InvalidEntry) => void) | undefined;
  /** Source of ids and of chance. Default the system's. */
  readonly random?: RandomSource | undefined;
}

/** The bounds are for the first full view. */
export interface DiscoverOptions<Payload = unknown> extends Bounds {
  /** How `pick()` chooses. Default `roundRobin()`. */
  readonly strategy?: Strategy<NoInfer<Payload>> | undefined;
  /** Others do not count at all. Default: all. */
  readonly filter?: InstanceFilter<NoInfer<Payload>> | undefined;
  /** Entries whose payload does not fit are passed over. Default the registry's schema. */
  readonly schema?: PayloadSchema<Payload> | undefined;
  /** When an instance that fails its callers is left out for a while; `false` for never. */
  readonly ejection?: EjectionPolicy | false | undefined;
}

/** A catalogue of services, in the layout and the JSON of Apache Curator's ServiceDiscovery: `<basePath>/<name>/<id>`. */
export class ServiceRegistry<Payload = unknown> implements AsyncDisposable {
  readonly basePath: string;
  readonly #client: Client;
  readonly #options: RegistryOptions<Payload>;
  readonly #random: RandomSource;
  readonly #caches: SharedCaches;
  readonly #open = new Set<AsyncDisposable>();
  /** Two registrations of one session under one path would take each other's znode for their own. */
  readonly #registered = new Set<string>();

  /** @throws InvalidArgumentError on a bad path */
  constructor(client: Client, options: RegistryOptions<Payload> = {}) {
    const { basePath = "/services", random = systemRandom } = options;
    validatePath(basePath, "registry");
    this.basePath = basePath;
    this.#client = client;
    this.#options = options;
    this.#random = random;
    this.#caches = new SharedCaches(client, basePath);
  }

  /**
   * Registers an instance, for as long as the registration is open. Resolves when it is registered, or when the health check holds it back.
   * One of another session under the same id, left by a process that went, is replaced. If the call rejects nothing is left, as with
   * `EphemeralNode.keep()`.
   *
   * @throws InvalidArgumentError; InvalidEntryError (the payload does not fit the schema); NodeExistsError if a persistent instance has the id;
   *   NoAuthError, TooLargeError and other refusals that will not pass; TimeoutError, AbortedError by the bounds; ClosedError
   */
  async register<Own = Payload>(options: RegisterOptions<Own>): Promise<Registration<Own>> {
    const { id = this.#random.uuid(), signal, timeoutMs } = options;
    const path = pathOf(pathOf(this.basePath, options.name, "name"), id, "id");
    if (this.#registered.has(path) && options.serviceType !== "DYNAMIC_SEQUENTIAL") {
      const message = `${path} is registered here already: change it with update(), or close it first`;
      throw new InvalidArgumentError(message, { op: "register", path });
    }
    this.#registered.add(path);
    try {
      const register = (inner: Bounds) => this.#register({ ...options, id, ...inner });
      const discard = (late: Registration<Own>) => void late.unregister();
      return await within({ signal, timeoutMs }, { op: "register", path }, register, discard);
    } catch (error) {
      this.#registered.delete(path);
      throw error;
    }
  }

  /**
   * Discovers a service. Resolves with the first full view; a service that is not there is an empty one that fills when it comes. Waits while
   * no server can be reached.
   *
   * @throws InvalidArgumentError; NoAuthError if the service may not be read; TimeoutError, AbortedError by the bounds; ClosedError
   */
  discover<Own>(
    name: string,
    options: DiscoverOptions<Own> & { readonly schema: PayloadSchema<Own> },
  ): Promise<Service<Own>>;
  discover(name: string, options?: DiscoverOptions<Payload>): Promise<Service<Payload>>;
  /** With a type that is taken on trust. */
  discover<Own>(name: string, options?: DiscoverOptions<Own>): Promise<Service<Own>>;
  async discover<Own>(name: string, options: DiscoverOptions<Own> = {}): Promise<Service<Own>> {
    const path = pathOf(this.basePath, name, "name");
    const { strategy = roundRobin(), filter, ejection = {}, signal, timeoutMs } = options;
    if (typeof strategy !== "function") {
      throw new InvalidArgumentError("strategy is not a function", { op: "discover", path });
    }
    const policy = ejection === false ? undefined : resolvedPolicy(ejection);
    const { logger } = this.#client;
    const entries = new Entries<Own>({
      schema: this.#schemaOr(options.schema),
      filter,
      onInvalid: (entry) => {
        logger.warn(`${entry.path} is passed over`, { error: entry.error });
        this.#options.onInvalid?.(entry);
      },
    });
    const shared = await this.#caches.open(path, true, { signal, timeoutMs }, { op: "discover", path });
    const service = new Service<Own>({
      name,
      path,
      shared,
      entries,
      strategy,
      ejection: policy,
      random: this.#random,
      logger,
      onClose: (closed) => this.#open.delete(closed),
    });
    this.#open.add(service);
    return service;
  }

  /**
   * The names of all services. Resolves with the first full view.
   *
   * @throws NoAuthError if the base path may not be read; TimeoutError, AbortedError by the bounds; ClosedError
   */
  async services(bounds: Bounds = {}): Promise<ServiceNames> {
    const { basePath: path } = this;
    const shared = await this.#caches.open(path, false, bounds, { op: "services", path });
    const names = new ServiceNames(shared, (closed) => this.#open.delete(closed));
    this.#open.add(names);
    return names;
  }

  /** Closes whatever was opened here: registrations, discovered services, names. Idempotent; never rejects. */
  async close(): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((each) => each[Symbol.asyncDispose]()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #register<Own>(options: RegisterOptions<Own> & { readonly id: string }): Promise<Registration<Own>> {
    const { id, signal } = options;
    const schema = this.#schemaOr(options.schema);
    const address = options.address ?? (await this.#ownAddress({ signal }));
    // oxlint-disable-next-line no-restricted-globals -- the time of day is what Curator's entries tell people
    const made = { basePath: this.basePath, id, address, registrationTimeUTC: Date.now() };
    const instance = newInstance({ ...options, schema }, made);
    const bounded = { ...options, schema, timeoutMs: undefined };
    const registration = await Registration.open(this.#client, instance, bounded, (closed) => {
      this.#open.delete(closed);
      this.#registered.delete(instance.path);
    });
    this.#open.add(registration);
    return registration;
  }

  async #ownAddress(bounds: Bounds): Promise<string> {
    await this.#client.whenConnected(bounds);
    return localAddress(this.#client);
  }

  /** The registry's own is for its type of payload, which is `Own` where none is given. */
  #schemaOr<Own>(schema: PayloadSchema<Own> | undefined): PayloadSchema<Own> | undefined {
    return schema ?? (this.#options.schema as PayloadSchema<Own> | undefined);
  }
}
