import type { Stat } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { checkOptions, shown } from "../bounds/options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import type { Caller } from "./caller.ts";

/**
 * A change of the ensemble's membership: either `joining` and `leaving`, or all the `members`. Servers are written as in zoo.cfg,
 * `server.4=host:2888:3888:participant;2181`; those leaving by their number.
 */
export interface ReconfigOptions extends Bounds {
  readonly joining?: readonly string[];
  readonly leaving?: readonly (string | number)[];
  readonly members?: readonly string[];
  /** Only if the configuration in force still is this one. Default: any. */
  readonly fromConfig?: bigint;
}

export interface EnsembleConfig {
  /** The configuration as the servers keep it: a line for each server, and `version` in hexadecimal. */
  readonly text: string;
  readonly stat: Stat;
}

/** Outside every chroot. */
const configPath = "/zookeeper/config";

export async function reconfigure(caller: Caller, options: ReconfigOptions): Promise<EnsembleConfig> {
  checkOptions(options, { op: "reconfig" });
  const { joining = [], leaving = [], members = [], fromConfig = -1n } = options;
  for (const [name, list] of Object.entries({ joining, leaving, members })) checkServers(name, list);
  if (typeof fromConfig !== "bigint") throw invalid(`fromConfig ${shown(fromConfig)} is not a bigint`);
  const incremental = joining.length + leaving.length > 0;
  if (incremental === members.length > 0) {
    throw invalid("reconfig takes either joining and leaving servers or all the members");
  }
  const request = {
    joiningServers: listed(joining),
    leavingServers: listed(leaving),
    newMembers: listed(members),
    curConfigId: fromConfig,
  };
  return configOf(await caller.call({ op: "reconfig", ...request }, "write", options));
}

export async function ensembleConfig(caller: Caller, bounds?: Bounds): Promise<EnsembleConfig> {
  return configOf(await caller.call({ op: "getData", path: configPath, watch: false }, "read", bounds));
}

/** A comma would make two of one. */
function checkServers(name: string, servers: unknown): void {
  if (!Array.isArray(servers)) throw invalid(`${name} is not a list of servers`);
  for (const server of servers) {
    const isNumber = name === "leaving" && Number.isInteger(server);
    if (isNumber || (typeof server === "string" && /^[^,\n]+$/.test(server))) continue;
    throw invalid(`${name}: ${shown(server)} is not a server`);
  }
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError(message, { op: "reconfig" });
}

function listed(servers: readonly (string | number)[]): string | null {
  return servers.length === 0 ? null : servers.join(",");
}

function configOf({ data, stat }: { readonly data: Uint8Array | null; readonly stat: Stat }): EnsembleConfig {
  return { text: Buffer.from(data ?? []).toString("utf8"), stat };
}
