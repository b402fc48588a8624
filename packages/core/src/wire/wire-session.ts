import {
  type Operation,
  type OperationName,
  type QuorateError,
  type Reply,
  type WatcherEvent,
  watchEventTypes,
} from "@quorate/protocol";
import { clampDelay } from "../bounds/bounded.ts";
import type { Credential } from "../driver/credentials.ts";
import type { CloseOptions, DriverEvents, DriverOptions, DriverSession, ServerAddress } from "../driver/driver.ts";
import { TimeoutError } from "../errors/client-errors.ts";
import { AuthFailedError } from "../errors/server-errors.ts";
import type { Transport } from "../transport/transport.ts";
import { backoffMs } from "./backoff.ts";
import type { ConnectionFactory, SessionConnection } from "./connection.ts";
import { CredentialList } from "./credential-list.ts";
import { EventDispatch } from "./event-dispatch.ts";
import { handshake } from "./handshake.ts";
import type { Lookups } from "./lookups.ts";
import { ReadWriteSearch } from "./read-write-search.ts";
import { authRefused, closed, disconnected, expired, lossOf, type Refusal } from "./refusals.ts";
import { type Candidate, ServerList, serverName } from "./server-list.ts";
import { type Farewell, isTrying, letGo, type State } from "./states.ts";
import { blankTicket } from "./ticket.ts";
import { WatchBook } from "./watch-book.ts";

export interface WireContext {
  readonly transport: Transport;
  readonly lookups: Lookups;
  readonly connect: ConnectionFactory;
}

export class WireSession implements DriverSession {
  readonly #context: WireContext;
  readonly #options: DriverOptions;
  readonly #events: EventDispatch;
  readonly #ticket = blankTicket();
  readonly #watches = new WatchBook();
  readonly #credentials: CredentialList;
  readonly #servers: ServerList;
  #state: State;
  #failedRounds = 0;
  #closing: Promise<void> | undefined;
  #farewell: Farewell | undefined;

  constructor(context: WireContext, options: DriverOptions, events: DriverEvents) {
    this.#context = context;
    this.#options = options;
    this.#events = new EventDispatch(events, options.logger);
    this.#credentials = new CredentialList(options.credentials);
    this.#servers = new ServerList(options.servers, options.random);
    this.#state = { name: "waiting", exit: nothing };
    this.#tryNext();
  }

  get acknowledgedAt(): number | undefined {
    return this.#ticket.acknowledgedAt;
  }

  get lastZxid(): bigint {
    return this.#ticket.lastZxid;
  }

  get trying(): ServerAddress | undefined {
    const state = this.#state;
    return isTrying(state) ? state.server : undefined;
  }

  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>> {
    const state = this.#state;
    if (state.name === "connected") return state.connection.request(operation as Operation);
    return Promise.reject(this.#refusal(operation as Operation));
  }

  addCredential(credential: Credential): Promise<void> {
    const state = this.#state;
    if (state.name === "closed" || this.#closing !== undefined) return Promise.reject(this.#refusal(undefined));
    const isOpen = state.name === "connected" || (state.name === "handshaking" && state.connection.isSessionOpen);
    return this.#credentials.add(credential, isOpen ? state.connection : undefined);
  }

  setServers(servers: readonly ServerAddress[]): void {
    this.#servers.replace(servers);
    this.#failedRounds = 0;
    const state = this.#state;
    if (state.name === "closed" || state.name === "closing") return;
    // Also while a server is looked for to end the session at.
    if ("server" in state && this.#servers.has(state.server)) return;
    const cause = new Error("the server is no longer listed");
    if (state.name === "connected") this.#lost(cause);
    else this.#tryNext();
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  #enter(next: State): void {
    const previous = this.#state;
    this.#state = next;
    previous.exit(next);
    this.#options.logger.debug("wire driver", { from: previous.name, to: next.name });
  }

  #tryNext(deadlineAt: number = performance.now() + this.#options.attemptTimeoutMs): void {
    const candidate = this.#servers.next();
    if (candidate === undefined) this.#wait();
    else if (candidate.address === undefined) this.#resolve(candidate.server, deadlineAt);
    else this.#connect(candidate.server, candidate.address, deadlineAt);
  }

  #wait(): void {
    const timeoutMs = this.#ticket.negotiatedTimeoutMs || this.#options.sessionTimeoutMs;
    this.#failedRounds++;
    const delayMs = backoffMs(this.#failedRounds, timeoutMs, this.#options.random);
    const timer = setTimeout(() => {
      this.#servers.startRound();
      this.#tryNext();
    }, delayMs);
    this.#enter({ name: "waiting", exit: () => clearTimeout(timer) });
  }

  #resolve(server: ServerAddress, deadlineAt: number): void {
    const fail = (cause: Error): void => {
      if (this.#state === state) this.#attemptFailed(server, cause);
    };
    const timer = this.#attemptTimer(deadlineAt, `no answer from DNS for ${server.host}`, fail);
    const state: State = { name: "resolving", server, exit: () => clearTimeout(timer) };
    this.#enter(state);
    this.#context.lookups.resolve(server.host).then((addresses) => {
      if (this.#state !== state) return;
      if (addresses.length === 0) return fail(new Error(`DNS knows no address of ${server.host}`));
      this.#servers.resolved(server, addresses);
      this.#tryNext(deadlineAt);
    }, fail);
  }

  #connect(server: ServerAddress, address: string, deadlineAt: number): void {
    const { tls, maxRequestBytes } = this.#options;
    const { transport, connect } = this.#context;
    const ticket = this.#ticket;
    const target = { host: server.host, port: server.port, address, tls };
    let connection: SessionConnection;
    try {
      connection = connect(
        { transport, target, maxRequestBytes, ticket, watches: this.#watches },
        {
          open: () => this.#handshake(server, connection, deadlineAt),
          watch: (event, zxid) => this.#watchFired(event, zxid),
          verdict: (verdict) => (verdict.kind === "expired" ? this.#expired() : this.#authFailed(verdict.cause)),
          broken: (cause) => this.#broken(connection, cause),
        },
      );
    } catch (error) {
      // Such as a broken certificate: said like every other failure, and tried again like one.
      return this.#attemptFailed(server, error as Error);
    }
    const what = `no connection to ${address}`;
    const timer = this.#attemptTimer(deadlineAt, what, (cause) => this.#broken(connection, cause));
    const exit = (next: State): void => {
      clearTimeout(timer);
      letGo(connection, next);
    };
    this.#enter({ name: "connecting", server, connection, exit });
  }

  #handshake(server: ServerAddress, connection: SessionConnection, deadlineAt: number): void {
    const timer = this.#attemptTimer(deadlineAt, "no end of the handshake", (cause) => this.#broken(connection, cause));
    const exit = (next: State): void => {
      clearTimeout(timer);
      letGo(connection, next);
    };
    const state: State = { name: "handshaking", server, connection, exit };
    this.#enter(state);
    const [ticket, credentials, options] = [this.#ticket, this.#credentials, this.#options];
    handshake({ connection, ticket, credentials, options }).then(
      (readOnly) => {
        if (this.#state === state) this.#established(server, connection, readOnly);
      },
      (error: Error) => {
        if (this.#state !== state) return;
        if (error instanceof AuthFailedError) this.#authFailed(error);
        else this.#broken(connection, error);
      },
    );
  }

  #established(server: ServerAddress, connection: SessionConnection, readOnly: boolean): void {
    if (this.#farewell !== undefined) return this.#tellServer(server, connection, this.#farewell);
    const { sessionId, negotiatedTimeoutMs } = this.#ticket;
    const search = readOnly ? this.#searchReadWrite() : undefined;
    const exit = (next: State): void => {
      search?.stop();
      letGo(connection, next);
    };
    this.#enter({ name: "connected", server, connection, since: performance.now(), exit });
    connection.startHeartbeat(negotiatedTimeoutMs);
    connection.rearm();
    this.#options.logger.info("connected", { server: serverName(server), readOnly });
    const { localAddress } = connection;
    this.#events.send("connected", { sessionId, negotiatedTimeoutMs, server, localAddress, readOnly });
  }

  #searchReadWrite(): ReadWriteSearch {
    const { transport, lookups } = this.#context;
    const options = { transport, lookups, servers: () => this.#servers.all, driver: this.#options };
    return new ReadWriteSearch(options, (candidate) => {
      this.#lost(new Error(`a server of the quorum was found: ${serverName(candidate.server)}`), candidate);
    });
  }

  #watchFired({ type, path }: WatcherEvent, zxid: bigint): void {
    const known = watchEventTypes.get(type);
    if (known === undefined) {
      this.#options.logger.warn("ignored a watch event of an unknown type", { type });
      return;
    }
    this.#watches.fired(known, path);
    this.#events.send("watch", { type: known, path, zxid });
  }

  #broken(connection: SessionConnection, cause: Error): void {
    const state = this.#state;
    if (!("connection" in state) || state.connection !== connection) return;
    if (state.name === "connected") this.#lost(cause);
    else if (state.name === "closing") state.broken();
    else this.#attemptFailed(state.server, cause);
  }

  #attemptFailed(server: ServerAddress, cause: Error): void {
    this.#options.logger.info("attempt failed", { server: serverName(server), cause: cause.message });
    this.#events.send("attemptFailed", { server, cause });
    // Nothing is known yet of a session that could be ended elsewhere.
    if (this.#farewell !== undefined && !this.#ticket.resumable) this.#farewell.done();
    else this.#tryNext();
  }

  #lost(cause: Error, preferred?: Candidate): void {
    const state = this.#state;
    if (state.name !== "connected") return;
    this.#options.logger.warn("connection lost", { server: serverName(state.server), cause: cause.message });
    state.connection.end((operation) => lossOf(cause)(operation, "unknown"));
    this.#events.send("disconnected", { cause });
    // A server that hangs up on everyone soon counts as one more failure of this round, which ends with a pause.
    if (performance.now() - state.since > stableAfterMs) {
      this.#failedRounds = 0;
      this.#servers.startRound(state.server);
    }
    if (preferred !== undefined) this.#servers.prefer(preferred);
    this.#tryNext();
  }

  #expired(): void {
    this.#end(expired);
    this.#events.send("expired");
  }

  #authFailed(cause: QuorateError): void {
    this.#end(authRefused(cause));
    this.#events.send("authFailed", { cause });
  }

  async #close({ timeoutMs = 2000, reason, seek = false }: CloseOptions): Promise<void> {
    const refusal = reason === undefined ? closed : () => reason;
    this.#events.mute();
    this.#credentials.end(refusal(undefined, "unknown"));
    const state = this.#state;
    const isKnown = this.#ticket.resumable || state.name === "handshaking";
    if (state.name === "connected" || (seek && isKnown && timeoutMs > 0)) {
      await this.#bidFarewell(timeoutMs, refusal, seek);
    }
    this.#end(refusal);
  }

  /** Resolves when a server has answered, none can be told, or the time is up. */
  #bidFarewell(timeoutMs: number, refusal: Refusal, seek: boolean): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, clampDelay(timeoutMs));
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#farewell = { refusal, seek, done };
      const state = this.#state;
      if (state.name === "connected") this.#tellServer(state.server, state.connection, this.#farewell);
    });
  }

  #tellServer(server: ServerAddress, connection: SessionConnection, { refusal, seek, done }: Farewell): void {
    const broken = (): void => {
      connection.end((operation) => refusal(operation, "unknown"));
      if (seek) this.#tryNext();
      else done();
    };
    const state: State = { name: "closing", server, connection, broken, exit: nothing };
    this.#enter(state);
    connection.request({ op: "closeSession" }).then(done, () => this.#state === state && done());
  }

  #end(refusal: Refusal): void {
    const state = this.#state;
    if (state.name === "closed") return;
    this.#farewell?.done();
    if ("connection" in state) state.connection.end((operation) => refusal(operation, "unknown"));
    this.#enter({ name: "closed", refusal, exit: nothing });
    this.#credentials.end(refusal(undefined, "unknown"));
  }

  #attemptTimer(deadlineAt: number, what: string, fail: (cause: Error) => void): NodeJS.Timeout {
    const leftMs = Math.max(0, deadlineAt - performance.now());
    const { attemptTimeoutMs } = this.#options;
    return setTimeout(() => fail(new TimeoutError(`${what} within ${attemptTimeoutMs} ms`)), leftMs);
  }

  #refusal(operation: Operation | undefined): Error {
    const state = this.#state;
    if (state.name === "closed") return state.refusal(operation, "not-applied");
    return (this.#closing === undefined ? disconnected : closed)(operation, "not-applied");
  }
}

/** A connection that lived this long was a good one: the next search starts without a pause. Milliseconds. */
const stableAfterMs = 1000;

function nothing(): void {}
