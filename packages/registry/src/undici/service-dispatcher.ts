import { ClosedError, InvalidArgumentError } from "@quorate/core";
import { Agent, Dispatcher } from "undici";
import type { Service } from "../discovery/service.ts";
import { NoInstanceError } from "../entry/errors.ts";
import { resolve } from "../entry/resolve.ts";
import type { ServiceInstance } from "../entry/service-instance.ts";
import type { CallOutcome } from "../outliers/track-records.ts";
import type { DiscoverOptions, ServiceRegistry } from "../service-registry.ts";
import { observed, type RequestEnd } from "./observed-handler.ts";
import { ServiceViews } from "./service-views.ts";

export interface DispatcherOptions extends Pick<DiscoverOptions, "strategy" | "filter" | "ejection" | "timeoutMs"> {
  /** Hosts that end with this are services, and what is before it is their name. Default `.service`. */
  readonly suffix?: string | undefined;
  /** The key of a request, for the strategy `sticky()`. Default none. */
  readonly keyOf?: ((request: Dispatcher.DispatchOptions) => string | undefined) | undefined;
  /** Which answers are the instance's failure. Default those with a status from 500 up. */
  readonly isFailure?: ((status: number) => boolean) | undefined;
  /** How many instances are tried until one takes the connection, at least 1. What was sent is never sent again. Default 3. */
  readonly attempts?: number | undefined;
  /** What sends the requests. Default an `Agent` of its own; one that is given is not closed with this. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** Errors of undici's that are not about the server. */
const ownErrors: ReadonlySet<unknown> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_ABORTED",
  "UND_ERR_DESTROYED",
  "UND_ERR_CLOSED",
  "UND_ERR_NOT_SUPPORTED",
]);

const discoverTimeoutMs = 10_000;

/** Sends what is for a service to one of its instances, and everything else where it says. Made by `createDispatcher()`. */
export class ServiceDispatcher extends Dispatcher implements AsyncDisposable {
  readonly #options: DispatcherOptions;
  readonly #suffix: string;
  readonly #views: ServiceViews;
  readonly #inner: Dispatcher;
  #isClosed = false;

  /** Use `createDispatcher()`. */
  constructor(registry: ServiceRegistry, options: DispatcherOptions) {
    super();
    const { strategy, filter, ejection, timeoutMs = discoverTimeoutMs, suffix = ".service", attempts = 3 } = options;
    if (!Number.isInteger(attempts) || attempts < 1) {
      throw new InvalidArgumentError(`attempts ${String(attempts)} is not a whole number from 1 up`, {
        op: "createDispatcher",
      });
    }
    this.#options = options;
    this.#suffix = suffix;
    this.#views = new ServiceViews(registry, { strategy, filter, ejection, timeoutMs });
    this.#inner = options.dispatcher ?? new Agent();
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const origin = new URL(String(request.origin));
    const name = this.#serviceOf(origin);
    if (name === undefined) return this.#inner.dispatch(request, handler);
    if (this.#isClosed) {
      refuse(handler, new ClosedError("the dispatcher was closed", { op: "dispatch" }));
      return false;
    }
    const send = (service: Service): boolean => this.#send({ service, origin, request, handler, tried: new Set() });
    const service = this.#views.of(name);
    if (!(service instanceof Promise)) return send(service);
    service.then(send, (error: Error) => refuse(handler, error));
    return true;
  }

  /** Waits for requests that were sent. Idempotent. */
  override close(callback?: () => void): Promise<void> {
    return this.#end(() => this.#inner.close(), callback);
  }

  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> {
    if (typeof error === "function") return this.#end(() => this.#inner.destroy(null), error);
    return this.#end(() => this.#inner.destroy(error ?? null), callback);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(endInner: () => Promise<void>, callback: (() => void) | undefined): Promise<void> {
    const isFirst = !this.#isClosed;
    this.#isClosed = true;
    await this.#views.close();
    if (isFirst && this.#options.dispatcher === undefined) await endInner();
    callback?.();
  }

  #serviceOf({ hostname }: URL): string | undefined {
    const isService = hostname.endsWith(this.#suffix) && hostname.length > this.#suffix.length;
    return isService ? hostname.slice(0, -this.#suffix.length) : undefined;
  }

  #send(sending: Sending): boolean {
    const { service, origin, request, handler, tried } = sending;
    const { keyOf, attempts = 3 } = this.#options;
    const filter = tried.size === 0 ? undefined : ({ path }: ServiceInstance) => !tried.has(path);
    const instance = service.pick({ key: keyOf?.(request), filter });
    if (instance === undefined) {
      const none = new NoInstanceError(`no instance of ${service.name} is there`, { op: "dispatch" });
      refuse(handler, sending.failure ?? none);
      return false;
    }
    tried.add(instance.path);
    const end = (outcome: CallOutcome): void => service.report(instance, outcome);
    let target: URL;
    try {
      target = resolve(instance, { scheme: schemeFor(origin, instance) });
    } catch (error) {
      end("failure");
      refuse(handler, error as Error);
      return false;
    }
    const options = { ...request, origin: target.origin, path: `${target.pathname.replace(/\/$/, "")}${request.path}` };
    return this.#inner.dispatch(
      options,
      observed(handler, {
        ended: (how) => end(this.#outcomeOf(how)),
        failedEarly: (failure) => {
          if (isOwnError(failure) || tried.size >= attempts || isStream(request.body)) return false;
          end("failure");
          this.#send({ ...sending, failure });
          return true;
        },
      }),
    );
  }

  #outcomeOf({ status, error, isCancelled }: RequestEnd): CallOutcome {
    const { isFailure = (code) => code >= 500 } = this.#options;
    if (isCancelled || (error !== undefined && isOwnError(error))) return "cancelled";
    return error !== undefined || (status !== undefined && isFailure(status)) ? "failure" : "success";
  }
}

/** As asked for, but TLS where an instance has nothing else. */
function schemeFor({ protocol }: URL, { port, sslPort }: ServiceInstance): "http" | "https" {
  return protocol === "https:" || (port === undefined && sslPort !== undefined) ? "https" : "http";
}

/** One request on its way to some instance. */
interface Sending {
  readonly service: Service;
  readonly origin: URL;
  readonly request: Dispatcher.DispatchOptions;
  readonly handler: Dispatcher.DispatchHandler;
  /** Paths of the instances it was tried with. */
  readonly tried: Set<string>;
  /** Why the last of them did not take it. */
  readonly failure?: Error;
}

function refuse(handler: Dispatcher.DispatchHandler, error: Error): void {
  // oxlint-disable-next-line typescript/no-deprecated -- `fetch` has no other handler yet
  if (handler.onResponseError === undefined) handler.onError?.(error);
  else handler.onResponseError(noController, error);
}

/** Nothing has begun that could be controlled. */
const noController = {
  aborted: false,
  paused: false,
  reason: null,
  pause(): void {},
  resume(): void {},
  abort(): void {},
} as unknown as Dispatcher.DispatchController;

function isOwnError(error: Error): boolean {
  return ownErrors.has((error as { readonly code?: unknown }).code);
}

/** What was read of it while it waited cannot be read again. */
function isStream(body: unknown): boolean {
  return typeof (body as { readonly pipe?: unknown } | null | undefined)?.pipe === "function";
}
