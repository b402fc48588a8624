import { type Acl, Permission } from "@quorate/protocol";

const anyone = { scheme: "world", id: "anyone" } as const;

/** Anyone may do anything. */
export const openAcl: readonly Acl[] = [{ perms: Permission.all, id: anyone }];

/** Of `/zookeeper/config`: anyone may read. */
export const configAcl: readonly Acl[] = [{ perms: Permission.read, id: anyone }];

/** One list for all znodes that are open to anyone, which most are. */
export function shared(acl: readonly Acl[]): readonly Acl[] {
  const [entry] = acl;
  const isOpen = acl.length === 1 && entry?.perms === Permission.all && entry.id.scheme === "world";
  return isOpen ? openAcl : acl;
}
