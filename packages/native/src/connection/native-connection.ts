import { AuthFailedError, ConnectionLossError, type Credential } from "@quorate/core";
import {
  type Admission,
  type ConnectionEvents,
  type ConnectionOptions,
  cannot,
  errorFromServer,
  type Heart,
  Heartbeat,
  type SessionConnection,
} from "@quorate/core/driver";
import { type ConnectRequest, type ConnectResponse, ErrorCode, type Operation } from "@quorate/protocol";
import type { Binding } from "../binding/binding.ts";
import { capabilities } from "../capabilities.ts";
import type { Call } from "../relay/call.ts";
import { Relay } from "../relay/relay.ts";
import type { Arrival } from "../relay/traffic.ts";
import { CClient } from "./c-client.ts";
import { check } from "./checked.ts";

/** Somebody who waits for the server. */
interface Waiter {
  readonly operation: Operation | undefined;
  resolve(value: never): void;
  reject(error: Error): void;
}

type Failure = (operation: Operation | undefined) => Error;

/** Bytes that may wait for a server that does not read; beyond it requests are refused at once. */
const maxQueuedBytes = 64 * 1024 * 1024;
const named = { name: "native", capabilities };

/**
 * One connection to one server: a C client that speaks to the server through the relay. What is asked leaves in the C client's frames.
 * What is answered is told as the relay reads it, on the way to the C client: the binding tells zxids as doubles and some answers only
 * in part, and whatever it calls runs within it, where a `close()` would end the process.
 */
export class NativeConnection implements SessionConnection, Heart {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #relay: Relay;
  readonly #client: CClient;
  readonly #waiters = new Set<Waiter>();
  readonly #auths: Waiter[] = [];
  #opening: Waiter | undefined;
  #response: ConnectResponse | undefined;
  #heartbeat: Heartbeat | undefined;
  #ended = false;

  constructor(binding: Binding, options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#client = new CClient(binding, {
      connected: () => this.#opening?.resolve(this.#response as never),
      lost: (cause) => this.#break(cause),
    });
    this.#relay = new Relay(options, {
      open: () => events.open(),
      arrived: (arrival) => this.#arrived(arrival),
      broken: (cause) => this.#break(cause),
    });
  }

  get isSessionOpen(): boolean {
    return this.#response !== undefined;
  }

  get localAddress(): string | undefined {
    return this.#relay.localAddress;
  }

  get lastSentAt(): number {
    return this.#relay.lastSentAt;
  }

  get lastReceivedAt(): number {
    return this.#relay.lastReceivedAt;
  }

  get unansweredSince(): number | undefined {
    return this.#relay.unansweredSince;
  }

  openSession(request: ConnectRequest, admit: (response: ConnectResponse) => Admission): Promise<ConnectResponse> {
    return this.#waiting(undefined, (waiter) => {
      this.#opening = waiter;
      this.#relay.listen(request.lastZxidSeen, {
        listening: (port) => this.#client.start(port, request.timeOut, request.sessionId === 0n ? undefined : request),
        admit: (response) => {
          if (admit(response) === "expired") {
            this.#events.verdict({ kind: "expired" });
            return false;
          }
          this.#response = response;
          return true;
        },
      });
    });
  }

  authenticate({ scheme, credential }: Credential): Promise<void> {
    return this.#waiting(undefined, (waiter) => {
      const refused = this.#client.addAuth(scheme, credential);
      if (refused !== 0) return waiter.reject(lossOf(undefined, refused));
      this.#auths.push(waiter);
      // A server does not count credentials as a sign of life.
      if (this.#heartbeat !== undefined) this.ping();
    });
  }

  request(operation: Operation): Promise<never> {
    if (operation.op === "closeSession") {
      return this.#waiting(operation, ({ resolve }) => this.#relay.closeSession(() => resolve({} as never)));
    }
    return this.#waiting(operation, (waiter) => {
      const refusal = cannot(named, operation) ?? check(operation, this.#options.maxRequestBytes);
      if (refusal !== undefined) return waiter.reject(refusal);
      if (this.#ended || this.#relay.queuedBytes > maxQueuedBytes) return waiter.reject(lossOf(operation));
      this.#ask({ ...waiter, operation });
    });
  }

  rearm(): void {
    const { watches, ticket, maxRequestBytes } = this.#options;
    for (const frame of watches.frames(ticket.lastZxid, maxRequestBytes)) this.#relay.rearm(frame);
  }

  startHeartbeat(sessionTimeoutMs: number): void {
    this.#heartbeat = new Heartbeat(this, sessionTimeoutMs);
  }

  ping(): void {
    this.#relay.ping();
  }

  dead(silentMs: number): void {
    this.#break(new Error(`no answer for ${Math.round(silentMs)} ms`));
  }

  end(failure: Failure): void {
    this.#stop();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const { operation, reject } of waiters) reject(failure(operation));
  }

  #ask(call: Call): void {
    this.#relay.expect(call);
    const refused = this.#client.ask(call.operation);
    if (refused === 0) return;
    this.#relay.forget(call);
    // It looks at paths itself; any other refusal is that it has no connection.
    const { operation } = call;
    const isBad = refused === ErrorCode.BAD_ARGUMENTS;
    call.reject(isBad ? errorFromServer(refused, about(operation)) : lossOf(operation, refused));
  }

  #arrived(arrival: Extract<Arrival, { kind: "answer" | "watch" | "auth" }>): void {
    if (arrival.kind === "watch") this.#events.watch(arrival.event, arrival.zxid);
    else if (arrival.kind === "answer") this.#answered(arrival);
    else if (arrival.errorCode === 0) this.#auths.shift()?.resolve(undefined as never);
    else this.#authRefused(arrival.errorCode);
  }

  #answered({ call, errorCode, reply }: Extract<Arrival, { kind: "answer" }>): void {
    const { operation } = call;
    this.#options.watches.answered(operation, errorCode, reply);
    if (errorCode === 0) return call.resolve(reply as never);
    const error = errorFromServer(errorCode, about(operation));
    if (errorCode === ErrorCode.SESSION_MOVED) {
      const message = `${operation.op}: the session moved to another server`;
      call.reject(new ConnectionLossError(message, { ...about(operation), outcome: "not-applied", cause: error }));
      return this.#break(error);
    }
    call.reject(error);
    if (errorCode === ErrorCode.SESSION_EXPIRED) this.#events.verdict({ kind: "expired" });
    if (errorCode === ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH) {
      this.#events.verdict({ kind: "auth-failed", cause: new AuthFailedError(errorCode, { op: "sasl" }) });
    }
  }

  #authRefused(errorCode: number): void {
    const cause = new AuthFailedError(errorCode, { op: "addAuth" });
    this.#auths.shift()?.reject(cause);
    this.#events.verdict({ kind: "auth-failed", cause });
  }

  #waiting(operation: Operation | undefined, begin: (waiter: Waiter) => void): Promise<never> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        operation,
        resolve: (value) => {
          this.#waiters.delete(waiter);
          resolve(value);
        },
        reject: (error) => {
          this.#waiters.delete(waiter);
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      try {
        begin(waiter);
      } catch (error) {
        waiter.reject(error as Error);
      }
    });
  }

  #stop(): void {
    this.#ended = true;
    this.#heartbeat?.stop();
    this.#relay.destroy();
    this.#client.dispose();
  }

  #break(cause: Error): void {
    if (this.#ended) return;
    this.#stop();
    this.#events.broken(cause);
  }
}

function about(operation: Operation | undefined): { readonly op?: string; readonly path?: string | undefined } {
  if (operation === undefined) return {};
  return { op: operation.op, path: "path" in operation ? operation.path : undefined };
}

function lossOf(operation: Operation | undefined, code?: number): ConnectionLossError {
  const told = code === undefined ? "" : ` (the C client's code ${code})`;
  return new ConnectionLossError(`${operation?.op ?? "request"}: there is no connection now${told}`, {
    ...about(operation),
    outcome: "not-applied",
  });
}
