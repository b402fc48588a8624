import type { Client, Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { Contended } from "../contended.ts";
import type { BrokenOptions } from "./options.ts";

/** A mutex whose holder is never told that its session was lost (CURATOR-206), and whose writes nothing guards. */
export function neverTold(client: Client, { path, id }: BrokenOptions): Contended {
  const mutex = new Mutex(client, path, { id });
  return {
    canTry: false,
    ask: async (asking) => {
      const real = await mutex.acquire(asking.kind === "wait" ? asking.bounds : {});
      const release = (): Promise<void> => real.release();
      const lease: Lease = {
        fencingToken: real.fencingToken,
        signal: new AbortController().signal,
        validUntil: Number.POSITIVE_INFINITY,
        assertHeld: () => {},
        transaction: () => client.transaction(),
        release,
        [Symbol.asyncDispose]: release,
      };
      return { lease, isShared: false, permits: 1, release };
    },
  };
}
