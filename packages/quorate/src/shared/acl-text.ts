import { type Acl, creatorAcl, openAcl, Permission, readAcl } from "@quorate/core";
import { UsageError } from "./exit-status.ts";

const letters = [
  ["c", Permission.create],
  ["d", Permission.delete],
  ["r", Permission.read],
  ["w", Permission.write],
  ["a", Permission.admin],
] as const;

const named: Readonly<Record<string, readonly Acl[]>> = { open: openAcl, read: readAcl, creator: creatorAcl };

/** `scheme:id:perms` as ZooKeeper's own command line writes it. */
export function aclText({ perms, id }: Acl): string {
  const shown = letters.filter(([, bit]) => (perms & bit) !== 0).map(([letter]) => letter);
  return `${id.scheme}:${id.id}:${shown.join("")}`;
}

/**
 * Reads `open`, `read`, `creator`, or a list such as `world:anyone:r,digest:user:hash:cdrwa`.
 *
 * @throws UsageError
 */
export function parseAcl(text: string): readonly Acl[] {
  // An id may hold commas, as the names in certificates do; a new entry begins with its scheme.
  return named[text] ?? text.split(/,(?=[a-z\d]+:)/).map(parseAclEntry);
}

/** @throws UsageError */
export function parseAclEntry(text: string): Acl {
  const [, scheme = "", id = "", perms = ""] = /^([^:]+):(.*):([cdrwa]+)$/.exec(text) ?? [];
  if (scheme === "")
    throw new UsageError(`acl entry ${JSON.stringify(text)} is not scheme:id:perms, perms out of cdrwa`);
  const bits = letters.filter(([letter]) => perms.includes(letter)).reduce((sum, [, bit]) => sum | bit, 0);
  return { perms: bits, id: { scheme, id } };
}
