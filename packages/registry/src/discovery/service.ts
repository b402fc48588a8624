import { type ChildrenCache, ClosedError, InvalidArgumentError, type Logger, type RandomSource } from "@quorate/core";
import { type Bounds, onAbort, stoppable, within } from "@quorate/core/recipe";
import { NoInstanceError } from "../entry/errors.ts";
import { type ResolveOptions, resolve } from "../entry/resolve.ts";
import type { ServiceInstance } from "../entry/service-instance.ts";
import type { ResolvedEjectionPolicy } from "../outliers/ejection-policy.ts";
import { type CallOutcome, TrackRecords } from "../outliers/track-records.ts";
import type { PickContext, Strategy } from "../strategies/strategy.ts";
import type { Entries, InvalidEntry } from "./entries.ts";
import { type InstanceFilter, isWanted } from "./filter.ts";
import { changesOf, type ServiceChange } from "./service-change.ts";
import type { SharedCache } from "./shared-caches.ts";

export interface PickOptions<Payload = unknown> {
  /** What is picked for, such as a customer's number: the strategy `sticky()` gives the same instance for the same key. */
  readonly key?: string | undefined;
  /** Picks among those alone. */
  readonly filter?: InstanceFilter<Payload> | undefined;
}

export interface ServiceOptions<Payload> {
  readonly name: string;
  readonly path: string;
  readonly shared: SharedCache;
  readonly entries: Entries<Payload>;
  readonly strategy: Strategy<Payload>;
  readonly ejection: ResolvedEjectionPolicy | undefined;
  readonly random: RandomSource;
  readonly logger: Logger;
  onClose(service: AsyncDisposable): void;
}

/** What is derived of one revision of the cache. */
interface View<Payload> {
  readonly revision: number;
  readonly instances: readonly ServiceInstance<Payload>[];
  readonly invalid: readonly InvalidEntry[];
  readonly enabled: readonly ServiceInstance<Payload>[];
  readonly enabledPaths: readonly string[];
}

/**
 * One service as it is discovered: its instances, always current, read without a round trip. While ZooKeeper is away the last known view
 * serves. Made by `ServiceRegistry.discover()`.
 */
export class Service<Payload = unknown> implements AsyncDisposable {
  readonly name: string;
  readonly #options: ServiceOptions<Payload>;
  readonly #cache: ChildrenCache;
  readonly #records: TrackRecords;
  readonly #ownKey: string;
  readonly #stop = new AbortController();
  #view: View<Payload> | undefined;

  /** Use `ServiceRegistry.discover()`. */
  constructor(options: ServiceOptions<Payload>) {
    this.name = options.name;
    this.#options = options;
    this.#cache = options.shared.cache;
    this.#records = new TrackRecords(options.ejection);
    this.#ownKey = options.random.uuid();
    void this.#follow();
  }

  /** All that are registered and pass the filter, drained and ejected ones too; in no particular order. */
  get instances(): readonly ServiceInstance<Payload>[] {
    return this.#current.instances;
  }

  /** Entries that are passed over, as they cannot be understood. */
  get invalid(): readonly InvalidEntry[] {
    return this.#current.invalid;
  }

  /**
   * Whether the view may be out of date by more than what is on its way just now: while no server is connected, until everything was compared
   * after that, and for good after `close()`.
   */
  get stale(): boolean {
    return this.#stop.signal.aborted || this.#cache.stale;
  }

  /**
   * One of the enabled instances, by the strategy; undefined if there is none. Ejected ones are left out, unless nothing else passes the
   * filter of this pick. It counts as a call until it is reported.
   */
  pick(options: PickOptions<Payload> = {}): ServiceInstance<Payload> | undefined {
    const candidates = this.#candidates(options.filter);
    if (candidates.length === 0) return undefined;
    const picked = candidates[this.#options.strategy(candidates, this.#context(options.key))];
    if (picked !== undefined) this.#records.picked(picked.path);
    return picked;
  }

  /**
   * Tells how a call went: instances that fail again and again are left out for a while, by the ejection policy.
   *
   * @throws InvalidArgumentError
   */
  report(instance: Pick<ServiceInstance, "path">, outcome: CallOutcome): void {
    if (outcome !== "success" && outcome !== "failure" && outcome !== "cancelled") {
      const message = `outcome ${JSON.stringify(outcome)} is not "success", "failure" or "cancelled"`;
      throw new InvalidArgumentError(message, { op: "report", path: instance.path });
    }
    if (this.#cache.get(instance.path) === undefined) return;
    const isEjected = this.#records.reported(instance.path, outcome, this.#current.enabledPaths, performance.now());
    if (isEjected) this.#options.logger.warn(`${instance.path} keeps failing: it is left out for a while`);
  }

  /**
   * Picks an instance, calls `call` with it and reports: success if it resolves, failure if it rejects, cancelled if it rejects with an
   * `AbortError`.
   *
   * @throws NoInstanceError; what `call` throws
   */
  async run<T>(
    call: (instance: ServiceInstance<Payload>) => T | Promise<T>,
    options: PickOptions<Payload> = {},
  ): Promise<T> {
    const instance = this.pick(options) ?? this.#none();
    try {
      const result = await call(instance);
      this.report(instance, "success");
      return result;
    } catch (error) {
      this.report(instance, (error as Error | undefined)?.name === "AbortError" ? "cancelled" : "failure");
      throw error;
    }
  }

  /**
   * The URL of an instance, by default of one picked: by its `uriSpec`, else of scheme, address and port.
   *
   * @throws NoInstanceError; InvalidArgumentError if what it registered makes no URL
   */
  resolve(instance?: ServiceInstance<Payload>, options: ResolveOptions = {}): URL {
    return resolve(instance ?? this.pick() ?? this.#none(), options);
  }

  /**
   * Follows the instances: a snapshot, then what changes. A slow reader gets the changes of one instance merged. After a time without a
   * connection, what it missed. Finishes when `signal` aborts, or the service or the client is closed.
   *
   * @throws NoAuthError, from the iteration, if the service may not be read any more
   */
  watch(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<ServiceChange<Payload>, void, undefined> {
    return stoppable(options.signal, (signal) => this.#watch(signal));
  }

  /**
   * Resolves with the enabled instances as soon as there are enough.
   *
   * @throws InvalidArgumentError; TimeoutError, AbortedError by the bounds; ClosedError
   */
  async waitFor(options: Bounds & { readonly atLeast?: number } = {}): Promise<readonly ServiceInstance<Payload>[]> {
    const { atLeast = 1, signal, timeoutMs } = options;
    const subject = { op: "waitFor", path: this.#options.path };
    if (!Number.isInteger(atLeast) || atLeast < 0) {
      throw new InvalidArgumentError(`atLeast ${String(atLeast)} is not a whole number from 0 up`, subject);
    }
    return within({ signal, timeoutMs }, subject, async (inner) => {
      for await (const _ of stoppable(inner.signal, (stopped) => this.#watch(stopped))) {
        const { enabled } = this.#current;
        if (enabled.length >= atLeast) return enabled;
      }
      throw new ClosedError(`waitFor ${subject.path}: the service or the client was closed`, subject);
    });
  }

  /** Follows it no longer; what is known can still be read. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#options.onClose(this);
    await this.#options.shared.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<ServiceChange<Payload>, void, undefined> {
    const { entries } = this.#options;
    const changes = this.#cache.changes({ signal });
    const unfollow = onAbort(this.#stop.signal, () => void changes.return?.());
    try {
      yield { type: "snapshot", instances: this.instances };
      if (this.#stop.signal.aborted) return;
      for await (const change of changes) yield* changesOf(change, (node) => entries.of(node));
    } finally {
      unfollow();
    }
  }

  /** Looks at every entry as it comes, so that what cannot be understood is told though nobody asks. */
  async #follow(): Promise<void> {
    const { entries, logger, path } = this.#options;
    try {
      for (const [, node] of this.#cache.entries()) entries.of(node);
      for await (const change of this.#cache.changes({ signal: this.#stop.signal })) {
        entries.of(change.node);
        const isGone = change.type === "updated" && change.before.stat.czxid !== change.node.stat.czxid;
        if (isGone || change.type === "removed") this.#records.forget(change.path);
      }
    } catch (error) {
      logger.error(`${path} is not followed any more: what is known of it may be out of date`, { error });
    }
  }

  get #current(): View<Payload> {
    const { revision } = this.#cache;
    if (this.#view?.revision === revision) return this.#view;
    const instances: ServiceInstance<Payload>[] = [];
    const invalid: InvalidEntry[] = [];
    for (const [path, node] of this.#cache.entries()) {
      const entry = this.#options.entries.of(node);
      if (entry.kind === "instance") instances.push(entry.instance);
      else if (entry.kind === "invalid") invalid.push({ path, error: entry.error });
    }
    const enabled = instances.filter((instance) => instance.enabled);
    const enabledPaths = enabled.map(({ path }) => path);
    this.#view = { revision, instances, invalid, enabled, enabledPaths };
    return this.#view;
  }

  #candidates(filter: InstanceFilter<Payload> | undefined): readonly ServiceInstance<Payload>[] {
    const { enabled, enabledPaths } = this.#current;
    const wanted = filter === undefined ? enabled : enabled.filter((instance) => isWanted(instance, filter));
    const ejected = this.#records.ejected(enabledPaths, performance.now());
    if (ejected.size === 0) return wanted;
    const sound = wanted.filter(({ path }) => !ejected.has(path));
    // Better one that may fail than none.
    return sound.length > 0 ? sound : wanted;
  }

  #context(key: string | undefined): PickContext {
    return {
      key,
      ownKey: this.#ownKey,
      random: this.#options.random,
      lastPick: ({ path }) => this.#records.lastPick(path),
      outstanding: ({ path }) => this.#records.outstanding(path),
    };
  }

  #none(): never {
    const { name } = this;
    throw new NoInstanceError(`no instance of ${name} is there to be picked`, {
      op: "pick",
      path: this.#options.path,
    });
  }
}
