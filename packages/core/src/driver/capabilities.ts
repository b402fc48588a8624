import { type Acl, CreateMode, type Operation, Permission } from "@quorate/protocol";
import { UnsupportedError } from "../errors/client-errors.ts";
import type { Capability } from "./capability.ts";
import type { Driver } from "./driver.ts";

/** What a server of 3.8 offers a client. */
export const allCapabilities: ReadonlySet<Capability> = new Set<Capability>([
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

/** What a driver has to be able to do for this operation; empty for what every driver can. */
export function neededCapabilities(operation: Operation): readonly Capability[] {
  switch (operation.op) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTtl":
      return neededByCreate(operation);
    case "setData":
      return operation.data === null ? ["null-data"] : [];
    case "multi":
    case "multiRead":
      return ["transactions"];
    case "getAcl":
      return ["get-acl"];
    case "addWatch":
      return ["persistent-watches"];
    case "removeWatches":
    case "checkWatches":
      return ["remove-watches"];
    case "getEphemerals":
      return ["ephemerals"];
    case "getAllChildrenNumber":
      return ["count-descendants"];
    case "whoAmI":
      return ["who-am-i"];
    case "reconfig":
      return ["reconfig"];
    case "sasl":
      return ["sasl"];
    default:
      return [];
  }
}

function neededByCreate(
  operation: Operation<"create" | "create2" | "createContainer" | "createTtl">,
): readonly Capability[] {
  const needed: Capability[] = [];
  if (operation.op === "create2") needed.push("create2");
  if (operation.op === "createTtl") needed.push("ttl");
  if (operation.flags === CreateMode.container) needed.push("containers");
  if (operation.data === null) needed.push("null-data");
  if (!isOpen(operation.acl)) needed.push("create-acl");
  return needed;
}

/** Whether it is the one ACL that every driver can create with: anyone may do anything. */
export function isOpen(acl: readonly Acl[]): boolean {
  const [first] = acl;
  return acl.length === 1 && first?.perms === Permission.all && first.id.scheme === "world" && first.id.id === "anyone";
}

/** Why this driver cannot perform the operation; undefined if it can. */
export function cannot(
  driver: Pick<Driver, "name" | "capabilities">,
  operation: Operation,
): UnsupportedError | undefined {
  if (driver.capabilities === allCapabilities) return undefined;
  const missing = neededCapabilities(operation).find((needed) => !driver.capabilities.has(needed));
  if (missing === undefined) return undefined;
  return unsupported(driver, missing, { op: operation.op, path: "path" in operation ? operation.path : undefined });
}

/** The error of something that needs a capability the driver lacks. It names the driver that can. */
export function unsupported(
  { name }: Pick<Driver, "name">,
  capability: Capability,
  subject: { readonly op: string; readonly path?: string | undefined },
): UnsupportedError {
  const can = "the default driver (wireDriver of @quorate/core) can";
  return new UnsupportedError(`${subject.op}: the ${name} driver has no ${descriptions[capability]}; ${can}`, {
    ...subject,
    capability,
  });
}

const descriptions: Readonly<Record<Capability, string>> = {
  transactions: "transactions (multi)",
  "create-acl": "creation with an ACL other than open to anyone",
  create2: "creation that tells the znode's stat",
  containers: "container znodes",
  ttl: "znodes with a time to live",
  "get-acl": "reading of ACLs",
  "null-data": "way to write null data",
  "persistent-watches": "persistent watches",
  "remove-watches": "removal of watches",
  ephemerals: "listing of a session's ephemeral znodes",
  "count-descendants": "counting of descendants",
  "who-am-i": "telling of identities (whoAmI)",
  reconfig: "reconfiguration",
  "read-only": "read-only mode",
  tls: "TLS",
  sasl: "SASL",
};
