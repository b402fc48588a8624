import type { Client, Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { Contended } from "../contended.ts";
import type { BrokenOptions } from "./options.ts";

/** A mutex whose transactions are what the client believes, and nothing the servers could check. */
export function noFence(client: Client, { path, id }: BrokenOptions): Contended {
  const mutex = new Mutex(client, path, { id });
  return {
    canTry: false,
    ask: async (asking) => {
      const real = await mutex.acquire(asking.kind === "wait" ? asking.bounds : {});
      const lease: Lease = {
        fencingToken: real.fencingToken,
        signal: real.signal,
        get validUntil() {
          return real.validUntil;
        },
        assertHeld: () => real.assertHeld(),
        transaction: () => (real.assertHeld(), client.transaction()),
        release: () => real.release(),
        [Symbol.asyncDispose]: () => real.release(),
      };
      return { lease, isShared: false, permits: 1, release: () => real.release() };
    },
  };
}
