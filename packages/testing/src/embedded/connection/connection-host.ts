import type { RandomSource } from "@quorate/core";
import type { Failures } from "../faults/failures.ts";
import type { ServerState } from "../server-state.ts";
import type { ExpiryQueue } from "../sessions/expiry-queue.ts";
import type { Conditions } from "./conditions.ts";
import type { DropReason } from "./drop-reason.ts";
import type { ServedClient } from "./served-client.ts";
import type { Traffic } from "./traffic.ts";

export interface ConnectionOptions {
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly maxRequestBytes: number;
  readonly maxQueuedBytes: number;
  readonly superDigest: string | undefined;
  readonly saslUsers: Readonly<Record<string, string>> | undefined;
  readonly requireSasl: boolean;
}

/** What every connection of a server shares. */
export interface ConnectionHost {
  readonly state: ServerState;
  readonly options: ConnectionOptions;
  readonly conditions: Conditions;
  readonly failures: Failures;
  readonly random: RandomSource;
  readonly traffic: Traffic;
  /** Connections that have not said yet what they want. */
  readonly silent: ExpiryQueue<ServedClient>;
  /** The answer to a four-letter word; undefined for what is none. */
  fourLetterWord(word: string): string | undefined;
  /** A connection serves nobody any more. Told once for each. */
  left(reason: DropReason): void;
  /** Its stream is closed too. */
  gone(connection: ServedClient): void;
}
