import type { Client } from "@quorate/core";
import type { Contended } from "../contended.ts";
import { neverTold } from "./never-told.ts";
import { noFence } from "./no-fence.ts";
import { noOwnershipCheck } from "./no-ownership-check.ts";
import { noWaiting } from "./no-waiting.ts";
import type { BrokenOptions } from "./options.ts";

/** Locks with a fault that real ones had, which the checker must find. */
export function brokenOne(client: Client, options: BrokenOptions): Contended {
  switch (options.implementation) {
    case "no-ownership-check":
      return noOwnershipCheck(client, options);
    case "never-told":
      return neverTold(client, options);
    case "no-fence":
      return noFence(client, options);
    case "no-waiting":
      return noWaiting(client, options);
  }
}
