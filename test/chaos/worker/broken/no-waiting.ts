import type { Client } from "@quorate/core";
import type { Contended } from "../contended.ts";
import type { BrokenOptions } from "./options.ts";
import { SessionLease } from "./session-lease.ts";

/** Whatever the recipe is called: everybody who asks has it at once. */
export function noWaiting(client: Client, { path, id }: BrokenOptions): Contended {
  return {
    canTry: false,
    ask: async () => {
      const session = await client.whenConnected();
      const made = await session.create(`${path}/anyone-`, id, { mode: "ephemeral-sequential", parents: true });
      const lease = new SessionLease(session, made.path, made.stat.czxid);
      return { lease, isShared: false, permits: 2, release: () => lease.release() };
    },
  };
}
