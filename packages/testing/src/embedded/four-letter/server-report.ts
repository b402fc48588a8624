import type { DropReason } from "../connection/drop-reason.ts";
import type { ServedClient } from "../connection/served-client.ts";
import type { Traffic } from "../connection/traffic.ts";
import type { ServerState } from "../server-state.ts";

/** What the four-letter words tell of. */
export interface ServerReport {
  readonly state: ServerState;
  readonly traffic: Traffic;
  readonly connections: readonly ServedClient[];
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly isReadOnly: boolean;
  readonly uptimeMs: number;
  readonly port: number;
  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
}

/** What the server poses as; programs read the number. */
export const version = "3.8.0-embedded, built on 2022-02-25 08:49 UTC";

export function mode({ isReadOnly }: ServerReport): string {
  return isReadOnly ? "read-only" : "standalone";
}
