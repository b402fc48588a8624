import { type Acl, type ClientInfo, ErrorCode, type Id } from "@quorate/protocol";
import { Refusal } from "../requests/refusal.ts";
import { type Scheme, schemes } from "./schemes.ts";

/** Who may do what, as the server's authentication schemes decide. */
export class AccessControl {
  readonly #schemes: ReadonlyMap<string, Scheme>;

  /** @param options `withSasl`: whether ACLs can name users of SASL, which a server of 3.8 has to be told to allow */
  constructor(options: { readonly withSasl: boolean }) {
    this.#schemes = schemes(options);
  }

  /**
   * @param permission bits, of which one is enough
   * @throws Refusal NO_AUTH
   */
  check(acl: readonly Acl[], permission: number, identities: readonly Id[]): void {
    if (!this.permits(acl, permission, identities)) throw new Refusal(ErrorCode.NO_AUTH);
  }

  permits(acl: readonly Acl[], permission: number, identities: readonly Id[]): boolean {
    if (acl.length === 0 || identities.some(({ scheme }) => scheme === "super")) return true;
    return acl.some(({ perms, id }) => {
      if ((perms & permission) === 0) return false;
      if (id.scheme === "world" && id.id === "anyone") return true;
      const scheme = this.#schemes.get(id.scheme);
      return identities.some((own) => own.scheme === id.scheme && scheme?.matches(own.id, id.id) === true);
    });
  }

  /**
   * The list a znode gets: without doubles, and with the creator's identities in place of `auth`.
   *
   * @throws Refusal INVALID_ACL on an empty list, unknown schemes and malformed ids
   */
  resolve(asked: readonly Acl[], identities: readonly Id[]): readonly Acl[] {
    if (asked.length === 0) throw new Refusal(ErrorCode.INVALID_ACL);
    const distinct = new Map(asked.map((entry) => [`${entry.perms} ${entry.id.scheme} ${entry.id.id}`, entry]));
    return [...distinct.values()].flatMap((entry) => this.#resolveEntry(entry, identities));
  }

  /** What `whoAmI` tells. */
  clientInfo(identities: readonly Id[]): readonly ClientInfo[] {
    return identities.map(({ scheme, id }) => ({
      authScheme: scheme,
      user: this.#schemes.get(scheme)?.userName(id) ?? "",
    }));
  }

  #resolveEntry(entry: Acl, identities: readonly Id[]): readonly Acl[] {
    const { scheme, id } = entry.id;
    if (scheme === "world" && id === "anyone") return [entry];
    if (scheme === "auth") {
      const own = identities.filter((identity) => this.#schemes.get(identity.scheme)?.isAuthenticated === true);
      if (own.length === 0) throw new Refusal(ErrorCode.INVALID_ACL);
      return own.map((identity) => ({ perms: entry.perms, id: identity }));
    }
    if (this.#schemes.get(scheme)?.isValid(id) !== true) throw new Refusal(ErrorCode.INVALID_ACL);
    return [entry];
  }
}

/** What those see of a list who may read but not administer it: no digests. */
export function withoutDigests(acl: readonly Acl[]): readonly Acl[] {
  return acl.map((entry) =>
    entry.id.scheme === "digest" ? { ...entry, id: { ...entry.id, id: entry.id.id.replace(/:.*/s, ":x") } } : entry,
  );
}
