import type { Acl } from "@quorate/protocol";
import { checkAcl, openAcl } from "../acl/acl.ts";
import { checkedFlag, checkOptions, shown } from "../bounds/options.ts";
import { isOpen, unsupported } from "../driver/capabilities.ts";
import type { Capability } from "../driver/capability.ts";
import type { Credential, SaslCredential } from "../driver/credentials.ts";
import type { Driver } from "../driver/driver.ts";
import type { TlsOptions } from "../driver/tls-options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { type RandomSource, systemRandom } from "../random.ts";
import { type RetryOptions, type RetryPolicy, retryPolicy } from "../retry/retry-policy.ts";
import { wireDriver } from "../wire/wire-driver.ts";
import { type Auth, credentialsOf } from "./auth.ts";

export interface ConnectOptions {
  /** Session timeout to ask for, milliseconds; the server negotiates it into its own bounds. Default 10 000. */
  readonly sessionTimeoutMs?: number;
  /** Bound of `connect()` as a whole, milliseconds. Default 15 000. */
  readonly connectTimeoutMs?: number;
  /**
   * Whether `connect()` waits for the first session. With false it resolves at once with a client in state `connecting` that goes on looking
   * for a server until it is closed: for processes that can start without one. Default true.
   */
  readonly waitForSession?: boolean;
  /** Bound of one attempt at one server (DNS, TCP, TLS, handshake), milliseconds. Default a third of `sessionTimeoutMs`, at most 5 000. */
  readonly attemptTimeoutMs?: number;
  /**
   * How long an operation without a `timeoutMs` of its own waits for a server before it rejects with ConnectionLossError,
   * milliseconds. An operation's `timeoutMs`, shorter or longer, stands in its place. Default `sessionTimeoutMs`.
   */
  readonly operationTimeoutMs?: number;
  /**
   * How much earlier than the server a session is given up here, milliseconds, less than `sessionTimeoutMs`. Default a quarter of the negotiated timeout: the server the
   * session is attached to tells the leader of its clients only every half tick, and a timeout is at least two ticks.
   */
  readonly sessionMarginMs?: number;
  /** Cancels `connect()`. Once connected it has no effect: use `close()`. */
  readonly signal?: AbortSignal;
  /** TLS towards the servers; `true` for the defaults. Default: plain TCP. */
  readonly tls?: TlsOptions | boolean;
  /** Identities presented at every connect. */
  readonly auth?: Auth | readonly Auth[];
  /** Accept a server that is cut off from the quorum, for reading. Default false. */
  readonly readOnly?: boolean;
  /** Retries of reads over connection loss; `false` for none. */
  readonly retry?: RetryOptions | false;
  /** ACL of znodes created without one. Default open to anyone. */
  readonly acl?: readonly Acl[];
  /** Largest request the servers take (their `jute.maxbuffer`), bytes. Default 1 048 575. */
  readonly maxRequestBytes?: number;
  /** Default: the protocol in TypeScript. */
  readonly driver?: Driver;
  readonly logger?: Logger;
  /** Source of ids, shuffles and jitter. Default the system's. */
  readonly random?: RandomSource;
}

export interface ResolvedOptions {
  readonly sessionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly operationTimeoutMs: number;
  readonly sessionMarginMs: number | undefined;
  readonly tls: TlsOptions | undefined;
  readonly credentials: readonly Credential[];
  readonly sasl: SaslCredential | undefined;
  readonly readOnly: boolean;
  readonly retry: RetryPolicy;
  readonly acl: readonly Acl[];
  readonly maxRequestBytes: number;
  readonly driver: Driver;
  readonly logger: Logger;
  readonly random: RandomSource;
}

/**
 * @throws InvalidArgumentError naming the option; never shows secrets
 * @throws UnsupportedError on what the driver cannot do
 */
export function resolveOptions(options: ConnectOptions): ResolvedOptions {
  checkOptions(options, { op: "connect" });
  const sessionTimeoutMs = whole("sessionTimeoutMs", options.sessionTimeoutMs ?? 10_000);
  const acl = options.acl ?? openAcl;
  checkAcl(acl, { op: "connect" });
  const resolved: ResolvedOptions = {
    sessionTimeoutMs,
    connectTimeoutMs: positive("connectTimeoutMs", options.connectTimeoutMs ?? 15_000),
    attemptTimeoutMs: positive(
      "attemptTimeoutMs",
      options.attemptTimeoutMs ?? Math.max(1, Math.min(sessionTimeoutMs / 3, 5_000)),
    ),
    operationTimeoutMs: positive("operationTimeoutMs", options.operationTimeoutMs ?? sessionTimeoutMs),
    sessionMarginMs: margin(options.sessionMarginMs, sessionTimeoutMs),
    tls: tlsOptions(options.tls),
    ...credentialsOf(options.auth),
    readOnly: checkedFlag("option readOnly:", options.readOnly, { op: "connect" }),
    retry: retryPolicy(options.retry),
    acl,
    maxRequestBytes: whole("maxRequestBytes", options.maxRequestBytes ?? 1_048_575),
    driver: withMethods("driver", options.driver ?? wireDriver(), ["open"]),
    logger: withMethods("logger", options.logger ?? silentLogger, ["debug", "info", "warn", "error"]),
    random: withMethods("random", options.random ?? systemRandom, ["float", "uuid"]),
  };
  checkDriver(resolved);
  return resolved;
}

function checkDriver({ driver, tls, sasl, readOnly, acl }: ResolvedOptions): void {
  const wanted: readonly (readonly [Capability, boolean])[] = [
    ["tls", tls !== undefined],
    ["sasl", sasl !== undefined],
    ["read-only", readOnly],
    ["create-acl", !isOpen(acl)],
  ];
  for (const [capability, isWanted] of wanted) {
    if (isWanted && !driver.capabilities.has(capability)) throw unsupported(driver, capability, { op: "connect" });
  }
}

/** What is called later, from where nobody could be told that it cannot be. */
function withMethods<T extends object>(name: string, value: T, methods: readonly (keyof T & string)[]): T {
  const missing = methods.find((method) => typeof value[method] !== "function");
  if (missing === undefined) return value;
  throw new InvalidArgumentError(`option ${name}: ${shown(value)} has no method ${missing}`, { op: "connect" });
}

function tlsOptions(tls: TlsOptions | boolean | undefined): TlsOptions | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  if (typeof tls === "object" && tls !== null) return tls;
  throw new InvalidArgumentError("option tls is neither a boolean nor an object", { op: "connect" });
}

function margin(value: number | undefined, sessionTimeoutMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (positive("sessionMarginMs", value) < sessionTimeoutMs) return value;
  throw invalid("sessionMarginMs", value, `less than sessionTimeoutMs, ${sessionTimeoutMs}`);
}

/** What timers can do, and 32 bits on the wire. */
function positive(name: string, value: number): number {
  if (typeof value === "number" && value >= 1 && value <= 2 ** 31 - 1) return value;
  throw invalid(name, value, "a number within 1..2^31-1");
}

function whole(name: string, value: number): number {
  if (Number.isInteger(positive(name, value))) return value;
  throw invalid(name, value, "a whole number");
}

function invalid(name: string, value: unknown, wanted: string): InvalidArgumentError {
  return new InvalidArgumentError(`option ${name}: ${shown(value)} is not ${wanted}`, { op: "connect" });
}
