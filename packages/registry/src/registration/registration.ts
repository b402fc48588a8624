import type { Client } from "@quorate/core";
import { type Bounds, EphemeralNode, type KeepMode, type NodeState } from "@quorate/core/recipe";
import { encodeInstance } from "../entry/encode.ts";
import type { PayloadSchema } from "../entry/payload-schema.ts";
import type { ServiceInstance, ServiceType } from "../entry/service-instance.ts";
import { changedInstance, type InstanceDetails, type RegisterOptions } from "./register-options.ts";

const modes: Record<ServiceType, KeepMode> = {
  DYNAMIC: "ephemeral",
  DYNAMIC_SEQUENTIAL: "ephemeral-sequential",
  STATIC: "persistent",
  PERMANENT: "persistent",
};

/**
 * An instance that is registered as long as this process wants. The same session coming back after a broken connection writes nothing; a lost
 * session makes it again, once, in the next; so does someone who deletes it.
 */
export class Registration<Payload = unknown> implements AsyncDisposable {
  readonly #node: EphemeralNode;
  readonly #schema: PayloadSchema<Payload> | undefined;
  readonly #onClose: (registration: Registration<Payload>) => void;
  #instance: ServiceInstance<Payload>;

  private constructor(
    node: EphemeralNode,
    instance: ServiceInstance<Payload>,
    schema: PayloadSchema<Payload> | undefined,
    onClose: (registration: Registration<Payload>) => void,
  ) {
    this.#node = node;
    this.#instance = instance;
    this.#schema = schema;
    this.#onClose = onClose;
  }

  /** Use `ServiceRegistry.register()`. */
  static async open<Payload>(
    client: Client,
    instance: ServiceInstance<Payload>,
    options: RegisterOptions<Payload>,
    onClose: (registration: Registration<Payload>) => void,
  ): Promise<Registration<Payload>> {
    const { acl, healthCheck, signal, timeoutMs, schema } = options;
    const node = await EphemeralNode.keep(client, instance.path, encodeInstance(instance), {
      mode: modes[instance.serviceType],
      signal,
      timeoutMs,
      ...(acl !== undefined && { acl }),
      ...(healthCheck !== undefined && { healthCheck }),
    });
    return new Registration(node, instance, schema, onClose);
  }

  get name(): string {
    return this.#instance.name;
  }

  get id(): string {
    return this.#instance.id;
  }

  /** As it is registered, or will be as soon as it can. */
  get instance(): ServiceInstance<Payload> {
    const { state } = this.#node;
    return state.kind === "present" ? { ...this.#instance, path: state.path } : this.#instance;
  }

  /** Whether it is registered now, and if not, why. */
  get state(): NodeState {
    return this.#node.state;
  }

  /**
   * Whether it is registered for certain. Looks at the clock itself: false from the session's local deadline on, even if the event loop was
   * blocked or the process frozen, and no state has changed yet.
   */
  get isPresent(): boolean {
    return this.#node.isPresent;
  }

  /** The state now and every newer one; a slow reader misses what was overtaken. Finishes after `closed` or when `signal` aborts. */
  states(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<NodeState, void, undefined> {
    return this.#node.states(options);
  }

  /**
   * Changes the entry in place, so that watchers see one update. What is not mentioned stays; a port, the payload or the `uriSpec` that is
   * undefined is taken away. Resolves when the servers have it. It stays wanted when a bound is hit: while there is no connection it is
   * applied as soon as there is one.
   *
   * @throws InvalidArgumentError; InvalidEntryError (the payload does not fit the schema); TooLargeError, NoAuthError: it stays as it was;
   *   TimeoutError, AbortedError; ClosedError
   */
  async update(details: InstanceDetails<Payload>, bounds: Bounds = {}): Promise<void> {
    const before = this.#instance;
    const changed = changedInstance(before, details, this.#schema, "update");
    const entry = encodeInstance(changed);
    this.#instance = changed;
    try {
      await this.#node.set(entry, bounds);
    } catch (error) {
      if (this.#instance === changed && this.#node.data !== entry) this.#instance = before;
      throw error;
    }
  }

  /** Takes the instance out of the registry, of whatever type it is. Idempotent; never rejects. Waits as `close()` does. */
  unregister(): Promise<void> {
    this.#onClose(this);
    return this.#node.close();
  }

  /**
   * Registers no longer, and takes the instance out of the registry unless it is `PERMANENT`. Idempotent; never rejects. Waits for a
   * connection if there is none, at most until the session has ended, which removes a dynamic one too.
   */
  close(): Promise<void> {
    this.#onClose(this);
    return this.#instance.serviceType === "PERMANENT" ? this.#node.leave() : this.#node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
