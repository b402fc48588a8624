import { addressMatches, isAddressPattern } from "./ip-address.ts";

/** What an authentication scheme knows of its ids. */
export interface Scheme {
  /** Whether an ACL can hold this id. */
  isValid(id: string): boolean;
  /** Whether who is authenticated as `identity` is meant by an ACL's `id`. */
  matches(identity: string, id: string): boolean;
  /** Whether the identity is worth more than an address: what an entry of the scheme `auth` stands for. */
  readonly isAuthenticated: boolean;
  /** What `whoAmI` shows of an identity. */
  userName(identity: string): string;
}

const digest: Scheme = {
  // As Java splits: an empty password leaves no second part.
  isValid: (id) => /^[^:]*:[^:]+:*$/.test(id),
  matches: (identity, id) => identity === id,
  isAuthenticated: true,
  userName: (identity) => identity.split(":")[0] ?? "",
};

const ip: Scheme = {
  isValid: isAddressPattern,
  matches: addressMatches,
  isAuthenticated: false,
  userName: (identity) => identity,
};

const sasl: Scheme = {
  /** A Kerberos name, or one without an `@`. */
  isValid: (id) => !id.includes("@") || /^[^/@]*(?:\/[^/@]*)?@[^/@]*$/.test(id),
  matches: (identity, id) => identity === "super" || identity === id,
  isAuthenticated: true,
  userName: (identity) => identity,
};

/** By name. `world` and `auth` are no schemes of their own: nobody is authenticated as them. */
export function schemes({ withSasl }: { readonly withSasl: boolean }): ReadonlyMap<string, Scheme> {
  const known = new Map([
    ["digest", digest],
    ["ip", ip],
  ]);
  return withSasl ? known.set("sasl", sasl) : known;
}
