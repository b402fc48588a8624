import { allCapabilities } from "../driver/capabilities.ts";
import type { Driver } from "../driver/driver.ts";
import type { TlsOptions } from "../driver/tls-options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { netTransport } from "../transport/net-transport.ts";
import type { Transport } from "../transport/transport.ts";
import { Connection } from "./connection.ts";
import { sessionOpener } from "./session-opener.ts";

export interface WireDriverOptions {
  /** Where byte streams come from. Default: TCP and TLS. */
  readonly transport?: Transport;
}

/** ZooKeeper's protocol spoken in TypeScript: everything a server of 3.8 offers a client. */
export function wireDriver({ transport = netTransport }: WireDriverOptions = {}): Driver {
  const open = sessionOpener({ transport, connect: (options, events) => new Connection(options, events) });
  return {
    name: "wire",
    capabilities: allCapabilities,
    open(options, events) {
      if (options.tls !== undefined) checkTls(transport, options.tls);
      return open(options, events);
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
