import type { Capability } from "@quorate/core";

/**
 * What the binding offers. It has no multi, no ACL at creation, no addWatch and removeWatches, no whoAmI, getEphemerals and
 * getAllChildrenNumber, no TLS, SASL and read-only mode; and its get_acl ends the process when the answer is an error.
 */
export const capabilities: ReadonlySet<Capability> = new Set<Capability>([
  "create2",
  "containers",
  "ttl",
  "null-data",
  "reconfig",
]);
