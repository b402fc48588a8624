import type { Capability, Driver } from "../driver/driver.ts";
import type { TlsOptions } from "../driver/tls-options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { netTransport } from "../transport/net-transport.ts";
import type { Transport } from "../transport/transport.ts";
import { Lookups } from "./lookups.ts";
import { WireSession } from "./wire-session.ts";

export interface WireDriverOptions {
  /** Where byte streams come from. Default: TCP and TLS. */
  readonly transport?: Transport;
}

const capabilities: ReadonlySet<Capability> = new Set<Capability>([
  "transactions",
  "create-acl",
  "create2",
  "containers",
  "ttl",
  "get-acl",
  "null-data",
  "persistent-watches",
  "remove-watches",
  "ephemerals",
  "count-descendants",
  "who-am-i",
  "reconfig",
  "read-only",
  "tls",
  "sasl",
]);

/** ZooKeeper's protocol spoken in TypeScript: everything a server of 3.8 offers a client. */
export function wireDriver({ transport = netTransport }: WireDriverOptions = {}): Driver {
  const context = { transport, lookups: new Lookups(transport) };
  return {
    name: "wire",
    capabilities,
    open(options, events) {
      if (options.tls !== undefined) checkTls(transport, options.tls);
      return new WireSession(context, options, events);
    },
  };
}

function checkTls(transport: Transport, options: TlsOptions): void {
  try {
    transport.checkTls?.(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(`option tls: ${reason}`, { op: "connect", cause: error });
  }
}
