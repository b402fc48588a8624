import type { Driver } from "../driver/driver.ts";
import type { Transport } from "../transport/transport.ts";
import type { ConnectionFactory } from "./connection.ts";
import { Lookups } from "./lookups.ts";
import { WireSession } from "./wire-session.ts";

/**
 * The part of a driver that keeps a session connected: which server is tried when, names resolved anew each time, attempts bounded, pauses
 * between rounds, credentials presented at every connect. What speaks with a server is the factory's.
 */
export function sessionOpener(over: {
  readonly transport: Transport;
  readonly connect: ConnectionFactory;
}): Driver["open"] {
  const context = { ...over, lookups: new Lookups(over.transport) };
  return (options, events) => new WireSession(context, options, events);
}
