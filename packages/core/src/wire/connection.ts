import {
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  ErrorCode,
  FrameDecoder,
  type MultiReply,
  OpCode,
  type Operation,
  operations,
  ProtocolError,
  QuorateError,
  Reader,
  WatcherEvent,
  Xid,
} from "@quorate/protocol";
import type { Credential } from "../driver/credentials.ts";
import { AuthFailedError, errorFromServer } from "../errors/server-errors.ts";
import type { ByteStream, StreamTarget, Transport } from "../transport/transport.ts";
import {
  congested,
  hungUpEarly,
  replyHeaderBytes,
  sessionMoved,
  sessionRefused,
  speaksTls,
  tlsAlert,
} from "./connection-errors.ts";
import { type Heart, Heartbeat } from "./heartbeat.ts";
import { Outbox } from "./outbox.ts";
import { nextXid, type Pending, PendingQueue, pendingPromise } from "./pending.ts";
import { multiFailure, pathOf } from "./replies.ts";
import type { Ticket } from "./ticket.ts";
import type { RearmFrame, WatchBook } from "./watch-book.ts";

/**
 * Bytes that may wait for a server that does not read. Beyond it requests are refused at once; the heartbeat ends such a connection soon.
 */
const maxQueuedBytes = 64 * 1024 * 1024;

/** One connection to one server, as the session sees it. A driver over another client of the protocol brings its own. */
export interface SessionConnection {
  /** The IP address of this end. */
  readonly localAddress: string | undefined;
  /** Whether the handshake was answered: from then on requests may be sent. */
  readonly isSessionOpen: boolean;
  /**
   * The first exchange of every connection. `admit` judges the answer at once, as the server may hang up right behind it; what it throws
   * breaks the connection.
   */
  openSession(request: ConnectRequest, admit: (response: ConnectResponse) => Admission): Promise<ConnectResponse>;
  /** @returns rejects with AuthFailedError if the server refuses the credential */
  authenticate(credential: Credential): Promise<void>;
  /** `closeSession` too. */
  request(operation: Operation): Promise<never>;
  /** Tells the server of the watches that the last one held. */
  rearm(): void;
  startHeartbeat(sessionTimeoutMs: number): void;
  /** Lets go of the stream and rejects whatever has no answer. Idempotent; no event follows. */
  end(failure: (operation: Operation | undefined) => Error): void;
}

export type Verdict = { readonly kind: "expired" } | { readonly kind: "auth-failed"; readonly cause: AuthFailedError };
/** What an answer to ConnectRequest means. */
export type Admission = "admitted" | "expired";

export interface ConnectionEvents {
  /** The stream is open: the handshake can begin. */
  open(): void;
  /** A watch fired. `type` is the number on the wire. */
  watch(event: WatcherEvent, zxid: bigint): void;
  /** The server says that the session is over, or that it does not believe a credential. Final. */
  verdict(verdict: Verdict): void;
  /** The connection broke; nothing is sent or received any more. `end` is still to be called. */
  broken(cause: Error): void;
}

export type ConnectionFactory = (options: ConnectionOptions, events: ConnectionEvents) => SessionConnection;

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly target: StreamTarget;
  readonly maxRequestBytes: number;
  readonly ticket: Ticket;
  readonly watches: WatchBook;
}

/** One connection to one server: frames in, frames out, and which answer belongs to which request. */
export class Connection implements SessionConnection, Heart {
  readonly #stream: ByteStream;
  readonly #outbox: Outbox;
  readonly #decoder = new FrameDecoder();
  readonly #ticket: Ticket;
  readonly #watches: WatchBook;
  readonly #events: ConnectionEvents;
  readonly #requests = new PendingQueue();
  readonly #pings = new PendingQueue();
  readonly #auths = new PendingQueue();
  readonly #rearms = new PendingQueue();
  readonly #onFrame = (frame: Buffer): void => this.#receive(frame);
  #handshake: Pending | undefined;
  #admit: (response: ConnectResponse) => Admission = () => "admitted";
  #xid = 0;
  #heartbeat: Heartbeat | undefined;
  #hasReceived = false;
  #isSessionOpen = false;
  #ended = false;
  lastReceivedAt: number = performance.now();

  /** @throws on TLS options that can never work */
  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#ticket = options.ticket;
    this.#watches = options.watches;
    this.#events = events;
    this.#stream = options.transport.connect(options.target, {
      open: () => events.open(),
      data: (chunk) => this.#data(chunk),
      close: (cause) => this.#break(this.#handshake === undefined ? cause : hungUpEarly(cause)),
    });
    this.#outbox = new Outbox(this.#stream, options.maxRequestBytes);
  }

  get localAddress(): string | undefined {
    return this.#stream.localAddress;
  }

  get lastSentAt(): number {
    return this.#outbox.lastSentAt;
  }

  get unansweredSince(): number | undefined {
    let oldest: number | undefined;
    for (const queue of [this.#requests, this.#pings, this.#auths, this.#rearms]) {
      const sentAt = queue.first?.batch.sentAt;
      if (sentAt !== undefined && (oldest === undefined || sentAt < oldest)) oldest = sentAt;
    }
    return oldest;
  }

  get isSessionOpen(): boolean {
    return this.#isSessionOpen;
  }

  openSession(request: ConnectRequest, admit: (response: ConnectResponse) => Admission): Promise<ConnectResponse> {
    this.#admit = admit;
    const { promise, pending } = pendingPromise(0, undefined, this.#outbox.batch);
    this.#handshake = pending;
    this.#outbox.addOwn((writer) => ConnectRequest.write(writer, request));
    this.#outbox.flush();
    return promise;
  }

  request(operation: Operation): Promise<never> {
    if (this.#outbox.queuedBytes > maxQueuedBytes) return Promise.reject(congested(operation));
    const xid = nextXid(this.#xid);
    const { batch } = this.#outbox;
    try {
      this.#outbox.add(xid, operation);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#xid = xid;
    const { promise, pending } = pendingPromise(xid, operation, batch);
    this.#requests.push(pending);
    return promise;
  }

  /** A server does not count credentials as a sign of life of the session, so that a ping goes with them. */
  authenticate({ scheme, credential }: Credential): Promise<void> {
    const { promise, pending } = pendingPromise(Xid.auth, undefined, this.#outbox.batch);
    this.#sendOwn(this.#auths, pending, OpCode.auth, (writer) =>
      AuthPacket.write(writer, { type: 0, scheme, auth: credential }),
    );
    if (this.#heartbeat !== undefined) this.ping();
    return promise;
  }

  rearm(): void {
    const { maxRequestBytes } = this.#outbox;
    for (const frame of this.#watches.frames(this.#ticket.lastZxid, maxRequestBytes)) this.#rearm(frame);
  }

  /** A server that refuses to re-arm watches would leave them dead silently, so that the connection is given up then. */
  #rearm(frame: RearmFrame): void {
    const reject = (error: Error): void => this.#break(error);
    const pending = { xid: Xid.setWatches, operation: undefined, batch: this.#outbox.batch, resolve: ignore, reject };
    this.#sendOwn(this.#rearms, pending, frame.type, (writer) => frame.write(writer));
  }

  ping(): void {
    const { batch } = this.#outbox;
    const pending = { xid: Xid.ping, operation: undefined, batch, resolve: ignore, reject: ignore };
    this.#sendOwn(this.#pings, pending, OpCode.ping, ignore);
    this.#outbox.flush();
  }

  startHeartbeat(sessionTimeoutMs: number): void {
    this.#heartbeat = new Heartbeat(this, sessionTimeoutMs);
  }

  dead(silentMs: number): void {
    this.#break(new Error(`no answer for ${Math.round(silentMs)} ms`));
  }

  end(failure: (operation: Operation | undefined) => Error): void {
    this.#stop();
    this.#handshake?.reject(failure(undefined));
    this.#handshake = undefined;
    for (const queue of [this.#auths, this.#requests]) {
      for (let pending = queue.shift(); pending !== undefined; pending = queue.shift()) {
        pending.reject(failure(pending.operation));
      }
    }
  }

  #sendOwn(queue: PendingQueue, pending: Pending, type: number, write: Parameters<Outbox["addOwn"]>[0]): void {
    this.#outbox.addOwn((writer) => {
      writer.int(pending.xid);
      writer.int(type);
      write(writer);
    });
    queue.push(pending);
  }

  #stop(): void {
    this.#ended = true;
    this.#heartbeat?.stop();
    this.#outbox.close();
    this.#stream.destroy();
  }

  #break(cause: Error): void {
    if (this.#ended) return;
    this.#stop();
    this.#events.broken(cause);
  }

  #data(chunk: Uint8Array): void {
    this.lastReceivedAt = performance.now();
    try {
      if (!this.#hasReceived && chunk[0] === tlsAlert) throw speaksTls();
      this.#hasReceived = true;
      this.#decoder.push(chunk, this.#onFrame);
    } catch (error) {
      this.#break(
        QuorateError.isQuorateError(error) ? error : new ProtocolError("undecodable bytes", { cause: error }),
      );
    }
  }

  #receive(frame: Buffer): void {
    if (this.#ended) return;
    const reader = new Reader(frame);
    if (this.#handshake !== undefined) return this.#sessionOpened(reader, this.#handshake);
    const xid = reader.int();
    const zxid = reader.long();
    const errorCode = reader.int();
    if (xid > 0) return this.#replied(xid, zxid, errorCode, reader);
    if (xid === Xid.notification) return this.#events.watch(WatcherEvent.read(reader), zxid);
    const pending = this.#ownQueue(xid).shift();
    if (pending === undefined) throw new ProtocolError(`an answer with xid ${xid} that nobody asked for`);
    if (xid !== Xid.auth) this.#acknowledge(pending);
    if (errorCode === 0) pending.resolve(undefined as never);
    else if (xid === Xid.auth) this.#authRefused(pending, errorCode, "addAuth");
    else pending.reject(errorFromServer(errorCode, { op: xid === Xid.ping ? "ping" : "setWatches" }));
  }

  #sessionOpened(reader: Reader, pending: Pending): void {
    if (reader.remaining === replyHeaderBytes) throw sessionRefused(reader);
    const response = ConnectResponse.read(reader);
    if (this.#admit(response) === "expired") return this.#events.verdict({ kind: "expired" });
    this.#handshake = undefined;
    this.#isSessionOpen = true;
    this.#acknowledge(pending);
    pending.resolve(response as never);
  }

  #ownQueue(xid: number): PendingQueue {
    switch (xid) {
      case Xid.ping:
        return this.#pings;
      case Xid.auth:
        return this.#auths;
      case Xid.setWatches:
        return this.#rearms;
      default:
        throw new ProtocolError(`an answer with the unknown xid ${xid}`);
    }
  }

  #replied(xid: number, zxid: bigint, errorCode: number, reader: Reader): void {
    const pending = this.#requests.first;
    if (pending?.operation === undefined || pending.xid !== xid) {
      throw new ProtocolError(`an answer with xid ${xid} where ${pending?.xid ?? "none"} was due`);
    }
    const { operation } = pending;
    // Read before anything changes: what cannot be parsed leaves the request among those without an answer.
    const reply = errorCode === 0 ? operations[operation.op].reply.read(reader) : undefined;
    this.#requests.shift();
    if (operation.op !== "sasl") this.#acknowledge(pending);
    if (zxid > this.#ticket.lastZxid) this.#ticket.lastZxid = zxid;
    this.#watches.answered(operation, errorCode, reply);
    if (reply === undefined) return this.#refused(pending, operation, errorCode);
    const failure = operation.op === "multi" ? multiFailure(operation, reply as MultiReply) : undefined;
    if (failure === undefined) pending.resolve(reply as never);
    else pending.reject(failure);
  }

  #refused(pending: Pending, operation: Operation, errorCode: number): void {
    const error = errorFromServer(errorCode, { op: operation.op, path: pathOf(operation) });
    if (errorCode === ErrorCode.SESSION_MOVED) {
      pending.reject(sessionMoved(operation, error));
      return this.#break(error);
    }
    // Servers that insist on SASL answer a wrong password with SESSION_CLOSED_REQUIRE_SASL_AUTH, as if there had been none.
    if (operation.op === "sasl") return this.#authRefused(pending, ErrorCode.AUTH_FAILED, "sasl");
    pending.reject(error);
    if (errorCode === ErrorCode.SESSION_EXPIRED) this.#events.verdict({ kind: "expired" });
    if (errorCode === ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH) {
      this.#events.verdict({ kind: "auth-failed", cause: new AuthFailedError(errorCode, { op: "sasl" }) });
    }
  }

  #authRefused(pending: Pending, errorCode: number, op: string): void {
    const cause = new AuthFailedError(errorCode, { op });
    pending.reject(cause);
    this.#events.verdict({ kind: "auth-failed", cause });
  }

  /** Not for credentials and SASL: the server answers them without touching the session (ZooKeeperServer.processPacket). */
  #acknowledge({ batch }: Pending): void {
    const { acknowledgedAt } = this.#ticket;
    if (batch.sentAt === undefined) return;
    if (acknowledgedAt === undefined || batch.sentAt > acknowledgedAt) this.#ticket.acknowledgedAt = batch.sentAt;
  }
}

function ignore(): void {}
