import { createHash } from "node:crypto";
import { type Acl, Permission } from "@quorate/protocol";
import { InvalidArgumentError } from "../errors/client-errors.ts";

const anyone = { scheme: "world", id: "anyone" } as const;

/** Anyone may do anything. */
export const openAcl: readonly Acl[] = [{ perms: Permission.all, id: anyone }];

/** Anyone may read. */
export const readAcl: readonly Acl[] = [{ perms: Permission.read, id: anyone }];

/** Whoever creates the znode, by every identity it is authenticated as, may do anything; nobody else anything. */
export const creatorAcl: readonly Acl[] = [{ perms: Permission.all, id: { scheme: "auth", id: "" } }];

/**
 * An entry for a user of the `digest` scheme: `username:base64(sha1(username:password))`, as
 * org.apache.zookeeper.server.auth.DigestAuthenticationProvider makes it.
 */
export function digestAcl(username: string, password: string, perms: number = Permission.all): Acl {
  const digest = createHash("sha1").update(`${username}:${password}`).digest("base64");
  return { perms, id: { scheme: "digest", id: `${username}:${digest}` } };
}

/**
 * @throws InvalidArgumentError on what no server would take
 */
export function checkAcl(acl: readonly Acl[], subject: { readonly op: string; readonly path?: string }): void {
  if (!Array.isArray(acl) || acl.length === 0) throw new InvalidArgumentError("acl has no entries", subject);
  for (const [index, entry] of acl.entries()) {
    const { perms, id }: Partial<Acl> = entry ?? {};
    if (perms === undefined || !Number.isInteger(perms) || perms < 0 || perms > Permission.all) {
      throw new InvalidArgumentError(`acl entry ${index}: perms ${String(perms)} is not within 0..31`, subject);
    }
    if (typeof id?.scheme !== "string" || id.scheme === "" || typeof id.id !== "string") {
      throw new InvalidArgumentError(`acl entry ${index}: needs an id with a scheme`, subject);
    }
  }
}
