import { type Acl, digestAcl, Permission } from "@quorate/core";

/** The owner of what is closed to others. */
export const ann = "ann:secret";

export function forAnn(allowed: number = Permission.all): Acl {
  return digestAcl("ann", "secret", allowed);
}

export function forAnyone(allowed: number): Acl {
  return { perms: allowed, id: { scheme: "world", id: "anyone" } };
}

export function entry(scheme: string, id: string, allowed: number = Permission.all): Acl {
  return { perms: allowed, id: { scheme, id } };
}

const bits = new Map([
  ["r", Permission.read],
  ["w", Permission.write],
  ["c", Permission.create],
  ["d", Permission.delete],
  ["a", Permission.admin],
]);

/** Of letters, such as `"rwcda"`. */
export function perms(letters: string): number {
  return letters.split("").reduce((sum, letter) => sum | (bits.get(letter) ?? 0), 0);
}
