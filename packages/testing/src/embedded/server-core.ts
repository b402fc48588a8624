import type { RandomSource } from "@quorate/core";
import { ClientConnection } from "./connection/client-connection.ts";
import type { Conditions } from "./connection/conditions.ts";
import type { ConnectionHost, ConnectionOptions } from "./connection/connection-host.ts";
import { DropCounts, type DropReason } from "./connection/drop-reason.ts";
import type { ServedClient } from "./connection/served-client.ts";
import type { ServerStream, ServerStreamEvents } from "./connection/server-stream.ts";
import { Traffic } from "./connection/traffic.ts";
import { Failures } from "./faults/failures.ts";
import type { ServerReport } from "./four-letter/server-report.ts";
import { fourLetterWords } from "./four-letter/words.ts";
import type { ResolvedServerOptions } from "./options.ts";
import { ServerState } from "./server-state.ts";
import { ExpiryQueue } from "./sessions/expiry-queue.ts";

/** A server but for where its connections come from. */
export class ServerCore implements ConnectionHost {
  readonly state: ServerState;
  readonly options: ConnectionOptions;
  readonly random: RandomSource;
  readonly conditions: Conditions = { isFrozen: false, delayMs: 0, isReadOnly: false };
  readonly failures: Failures = new Failures();
  readonly traffic: Traffic = new Traffic();
  readonly silent: ExpiryQueue<ServedClient>;
  readonly dropCounts: DropCounts = new DropCounts();
  readonly #tickTimeMs: number;
  readonly #connections = new Set<ServedClient>();
  readonly #startedAt = performance.now();
  port = 0;

  constructor({ tickTimeMs, random, connections, containerCheckIntervalMs }: ResolvedServerOptions) {
    this.random = random;
    this.options = connections;
    this.#tickTimeMs = tickTimeMs;
    const withSasl = connections.saslUsers !== undefined;
    this.state = new ServerState({ tickTimeMs, random, withSasl, containerCheckIntervalMs });
    this.silent = new ExpiryQueue(tickTimeMs, (connection) => connection.drop("half-open"));
  }

  get connections(): ReadonlySet<ServedClient> {
    return this.#connections;
  }

  get report(): ServerReport {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.options;
    return {
      state: this.state,
      traffic: this.traffic,
      connections: [...this.#connections],
      dropped: this.dropCounts.all,
      isReadOnly: this.conditions.isReadOnly,
      uptimeMs: performance.now() - this.#startedAt,
      port: this.port,
      tickTimeMs: this.#tickTimeMs,
      minSessionTimeoutMs,
      maxSessionTimeoutMs,
    };
  }

  accept(stream: ServerStream): ServerStreamEvents {
    const connection = new ClientConnection(this, stream);
    this.#connections.add(connection);
    return connection;
  }

  left(reason: DropReason): void {
    this.dropCounts.count(reason);
  }

  gone(connection: ServedClient): void {
    this.#connections.delete(connection);
  }

  fourLetterWord(word: string): string | undefined {
    return fourLetterWords.get(word)?.(this.report);
  }

  dropAll(): void {
    for (const connection of [...this.#connections]) connection.drop("lever");
  }

  freeze(): void {
    if (this.conditions.isFrozen) return;
    this.conditions.isFrozen = true;
    this.state.pause();
    this.silent.pause();
    for (const connection of this.#connections) connection.freeze();
  }

  /** Whoever ran out of time meanwhile does so before anything is read. */
  thaw(): void {
    if (!this.conditions.isFrozen) return;
    this.conditions.isFrozen = false;
    this.state.resume();
    this.silent.resume();
    for (const connection of [...this.#connections]) connection.thaw();
  }

  /** A server that finds, or loses, its quorum begins anew: it drops its clients, and its local sessions are no more. */
  setReadOnly(isReadOnly: boolean): void {
    if (this.conditions.isReadOnly === isReadOnly) return;
    this.dropAll();
    this.conditions.isReadOnly = isReadOnly;
    const { sessions } = this.state;
    if (isReadOnly) return sessions.suspendAll();
    for (const session of [...sessions.all.values()]) if (session.isLocal) sessions.remove(session);
    sessions.touchAll();
  }

  stop(): void {
    this.dropAll();
    this.failures.clear();
    this.silent.clear();
    this.state.stop();
  }
}
