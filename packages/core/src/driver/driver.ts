import type { Operation, OperationName, QuorateError, Reply, WatchEventType } from "@quorate/protocol";
import type { Logger } from "../logger.ts";
import type { RandomSource } from "../random.ts";
import type { Capability } from "./capability.ts";
import type { Credential, SaslCredential } from "./credentials.ts";
import type { TlsOptions } from "./tls-options.ts";

/**
 * Opens ZooKeeper sessions. A driver owns connections, reconnecting and the server list; it never retries an operation, knows nothing of
 * chroots, and every deadline about the session's life is the client's business.
 */
export interface Driver {
  /** Shown in errors and diagnostics. */
  readonly name: string;
  /** What needs another one is refused before the driver is asked. */
  readonly capabilities: ReadonlySet<Capability>;
  /**
   * Starts to open one new session and keeps it connected until `close()`, expiry or failed authentication. Returns at once; what happens
   * is told through `events`, never before `open` has returned.
   *
   * @throws InvalidArgumentError on options that can never work, such as a broken certificate
   */
  open(options: DriverOptions, events: DriverEvents): DriverSession;
}

export interface ServerAddress {
  /** A DNS name or IP address. */
  readonly host: string;
  readonly port: number;
}

export interface DriverOptions {
  readonly servers: readonly ServerAddress[];
  /** Asked for; the server negotiates. Milliseconds. */
  readonly sessionTimeoutMs: number;
  /** Bound of one attempt at one server: DNS, TCP, TLS and handshake together. Milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Whether a server cut off from the quorum may serve the session for reading. */
  readonly readOnly: boolean;
  /** Largest request the servers accept (`jute.maxbuffer`), bytes. */
  readonly maxRequestBytes: number;
  /** Presented at every connect, in this order, before anything else. */
  readonly credentials: readonly Credential[];
  readonly sasl: SaslCredential | undefined;
  readonly tls: TlsOptions | undefined;
  readonly random: RandomSource;
  readonly logger: Logger;
}

export interface Connected {
  /**
   * The same one for the session's life, but for one case: a session opened at a read-only server is known to that server alone, so that the
   * quorum gives it a new id when it moves there. It has no ephemeral znodes to lose by then.
   */
  readonly sessionId: bigint;
  /** Milliseconds. */
  readonly negotiatedTimeoutMs: number;
  readonly server: ServerAddress;
  /** The IP address this end of the connection has; undefined where the driver does not know. */
  readonly localAddress?: string | undefined;
  readonly readOnly: boolean;
}

export interface WatchEvent {
  readonly type: WatchEventType;
  readonly path: string;
  /** zxid of the change where the server tells it (3.9 and newer), else -1. */
  readonly zxid: bigint;
}

export interface DriverEvents {
  /**
   * The session exists and is served; called again after every reconnect, once watches are being re-armed. One-shot watches then tell what
   * they missed; persistent ones do not: whoever relies on them has to read again.
   */
  connected(info: Connected): void;
  /** Was connected and is no longer; every request in flight has been rejected. The driver goes on looking for a server. */
  disconnected(info: { readonly cause: Error }): void;
  /** One server could not be had. */
  attemptFailed(info: { readonly server: ServerAddress; readonly cause: Error }): void;
  /** The server says that the session is gone. Final. */
  expired(): void;
  /** A credential was refused. Final. */
  authFailed(info: { readonly cause: QuorateError }): void;
  watch(event: WatchEvent): void;
}

export interface CloseOptions {
  /** Milliseconds. Default 2 000. */
  readonly timeoutMs?: number;
  readonly reason?: Error;
  /** Goes on looking for a server to end the session at while none is connected. Default false: not ended at the server then. */
  readonly seek?: boolean;
}

export interface DriverSession {
  /** `performance.now()` of the moment the last *acknowledged* request was sent; undefined before the first answer. */
  readonly acknowledgedAt: number | undefined;
  /**
   * Newest zxid of all answers. Without it, for a driver that does not see zxids, a version-checked write whose answer was lost is not repeated.
   */
  readonly lastZxid?: bigint | undefined;
  /**
   * Sends one request. Requests of one tick leave in one write, in order. Never waits for a connection.
   *
   * @throws ConnectionLossError `outcome: "not-applied"` when there is no connection now, `"unknown"` when it broke before the answer
   * @throws ServerError, SessionExpiredError, UnsupportedError the server's answer
   * @throws TooLargeError when the request exceeds `maxRequestBytes`
   * @throws ClosedError after `close()`
   */
  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>>;
  /** Presents one more credential now and at every reconnect. Rejects with AuthFailedError if it is refused. */
  addCredential(credential: Credential): Promise<void>;
  /** Replaces the server list; a connection to a server no longer listed is given up in favour of a listed one. */
  setServers(servers: readonly ServerAddress[]): void;
  /** The server that is being tried right now, where the driver knows. */
  readonly trying?: ServerAddress | undefined;
  /**
   * Ends the session at the server, and lets go of every socket and timer. Requests in flight are answered or rejected with `reason`, by
   * default a ClosedError. Resolves within `timeoutMs` whatever happens; idempotent. No events after it was called.
   */
  close(options?: CloseOptions): Promise<void>;
}
