import type { TlsOptions } from "node:tls";
import { type RandomSource, systemRandom } from "@quorate/core";
import type { ConnectionOptions } from "./connection/connection-host.ts";
import { EmbeddedServerError } from "./errors.ts";

/** The server's own certificate, and what it asks of its clients'; see `tls.createServer`. */
export type EmbeddedServerTls = Pick<
  TlsOptions,
  "ca" | "cert" | "key" | "passphrase" | "pfx" | "minVersion" | "maxVersion" | "requestCert" | "rejectUnauthorized"
>;

export interface EmbeddedServerOptions {
  /** Whether there is a port at all; without one, clients come through `transport`. Default true. */
  readonly listen?: boolean;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Address to listen on. Default `"127.0.0.1"`: this machine only. The server is not made to be reached from elsewhere. */
  readonly host?: string;
  /** Default plain TCP. */
  readonly tls?: EmbeddedServerTls;
  /** ZooKeeper's time unit, milliseconds; sessions expire at its multiples. Default 500. */
  readonly tickTimeMs?: number;
  /** Shortest session timeout a client gets, milliseconds. Default 2 ticks. */
  readonly minSessionTimeoutMs?: number;
  /** Longest session timeout a client gets, milliseconds. Default 20 ticks. */
  readonly maxSessionTimeoutMs?: number;
  /** How often empty containers and overdue TTL nodes are looked for, milliseconds. Default 60 000, ZooKeeper's own. */
  readonly containerCheckIntervalMs?: number;
  /** Passwords of the users of SASL DIGEST-MD5, by name. Default: no SASL. */
  readonly saslUsers?: Readonly<Record<string, string>>;
  /** Whether sessions have to authenticate by SASL before anything else. Default false. */
  readonly requireSasl?: boolean;
  /** `super:digest` of who may do anything, as `zookeeper.DigestAuthenticationProvider.superDigest`. Default nobody. */
  readonly superDigest?: string;
  /** How long a connection may take to say who it is, milliseconds. Default 10 000. */
  readonly handshakeTimeoutMs?: number;
  /** Largest request, bytes (`jute.maxbuffer`); a larger one costs the client its connection. Default 1 048 575. */
  readonly maxRequestBytes?: number;
  /** Unread bytes beyond which a client that gets yet another watch event loses its connection. Default 8 MiB. */
  readonly maxQueuedBytes?: number;
  /** Source of passwords and nonces. Default the system's. */
  readonly random?: RandomSource;
}

export interface ResolvedServerOptions {
  readonly listen: boolean;
  readonly port: number;
  readonly host: string;
  readonly tls: EmbeddedServerTls | undefined;
  readonly tickTimeMs: number;
  readonly containerCheckIntervalMs: number;
  readonly random: RandomSource;
  readonly connections: ConnectionOptions;
}

/** @throws EmbeddedServerError naming the option */
export function resolveServerOptions(options: EmbeddedServerOptions): ResolvedServerOptions {
  const tickTimeMs = positive("tickTimeMs", options.tickTimeMs ?? 500);
  const minSessionTimeoutMs = positive("minSessionTimeoutMs", options.minSessionTimeoutMs ?? 2 * tickTimeMs);
  const maxSessionTimeoutMs = positive(
    "maxSessionTimeoutMs",
    options.maxSessionTimeoutMs ?? Math.max(20 * tickTimeMs, minSessionTimeoutMs),
  );
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw new EmbeddedServerError(`minSessionTimeoutMs ${minSessionTimeoutMs} is above maxSessionTimeoutMs`);
  }
  return {
    listen: options.listen ?? true,
    port: options.port ?? 0,
    host: options.host ?? "127.0.0.1",
    tls: options.tls,
    tickTimeMs,
    containerCheckIntervalMs: positive("containerCheckIntervalMs", options.containerCheckIntervalMs ?? 60_000),
    random: options.random ?? systemRandom,
    connections: {
      minSessionTimeoutMs,
      maxSessionTimeoutMs,
      handshakeTimeoutMs: positive("handshakeTimeoutMs", options.handshakeTimeoutMs ?? 10_000),
      maxRequestBytes: positive("maxRequestBytes", options.maxRequestBytes ?? 0xfffff),
      maxQueuedBytes: positive("maxQueuedBytes", options.maxQueuedBytes ?? 8 * 1024 * 1024),
      superDigest: options.superDigest,
      saslUsers: options.saslUsers,
      requireSasl: options.requireSasl ?? false,
    },
  };
}

/** Times and sizes alike are positive and travel as 32 bits. */
function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0 && value < 2 ** 31) return value;
  throw new EmbeddedServerError(`option ${name}: ${String(value)} is not a whole number within 1..2^31-1`);
}
