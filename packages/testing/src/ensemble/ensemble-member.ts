import type { FaultProxy } from "../proxy/fault-proxy.ts";
import type { ServerMode } from "./four-letter-word.ts";
import type { MemberRole } from "./options.ts";

/** One server of an ensemble, as tests see it. */
export interface EnsembleMember {
  /** N of `server.N`. */
  readonly id: number;
  /** What it was configured as; what it is at the moment says `status()`. */
  readonly role: MemberRole;
  /** Stands in front of the member's client port, at an address that stays the same over restarts, and injects faults. */
  readonly proxy: FaultProxy;
  /** `host:port` of `proxy`. */
  readonly connectString: string;
  /** In front of the TLS port; undefined without `tls`. */
  readonly secureProxy: FaultProxy | undefined;
  /** `host:port` of `secureProxy`. */
  readonly secureConnectString: string | undefined;
}

/**
 * What `zkServer.sh status` would say. `unreachable`: does not answer, or answers that it is not serving. `stopped`: by `stop()` or
 * `kill()`.
 */
export type MemberMode = ServerMode | "unreachable" | "stopped";

export interface MemberStatus {
  readonly id: number;
  readonly mode: MemberMode;
  /** The last transaction it has processed; its upper 32 bits are the epoch of the leader. Undefined while it does not serve. */
  readonly zxid: bigint | undefined;
}
