import type { Credential, SaslCredential } from "../driver/credentials.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";

/** An identity to present to the servers. */
export type Auth =
  | { readonly scheme: "digest"; readonly username: string; readonly password: string }
  | { readonly scheme: "sasl"; readonly username: string; readonly password: string }
  | { readonly scheme: string; readonly credential: Uint8Array | string };

export interface Credentials {
  readonly credentials: readonly Credential[];
  readonly sasl: SaslCredential | undefined;
}

/**
 * @throws InvalidArgumentError on an incomplete identity; never shows the secret
 */
export function credentialsOf(auth: Auth | readonly Auth[] | undefined): Credentials {
  const all = auth === undefined ? [] : isList(auth) ? auth : [auth];
  const isSasl = ({ scheme }: Auth): boolean => scheme === "sasl";
  for (const one of all) checkShape(one);
  const [first, second] = all.filter(isSasl);
  if (second !== undefined) throw invalid("sasl can be given once only");
  return {
    credentials: all.filter((one) => !isSasl(one)).map(credentialOf),
    sasl: first && { username: textOf(first, "username"), password: textOf(first, "password") },
  };
}

/**
 * The `auth` packet's content for one identity.
 *
 * @throws InvalidArgumentError as {@link credentialsOf}
 */
export function credentialOf(auth: Auth): Credential {
  checkShape(auth);
  const { scheme } = auth;
  if (scheme === "sasl") throw invalid("sasl can be given when connecting only");
  if ("credential" in auth) {
    const { credential } = auth;
    if (typeof credential === "string") return { scheme, credential: Buffer.from(credential) };
    if (credential instanceof Uint8Array) return { scheme, credential };
    throw invalid(`credential of scheme ${JSON.stringify(scheme)} is neither text nor bytes`);
  }
  const username = textOf(auth, "username");
  if (username.includes(":")) throw invalid("a digest username cannot contain a colon");
  return { scheme, credential: Buffer.from(`${username}:${textOf(auth, "password")}`) };
}

function isList(auth: Auth | readonly Auth[]): auth is readonly Auth[] {
  return Array.isArray(auth);
}

function checkShape(auth: Auth): void {
  if (typeof auth !== "object" || auth === null) throw invalid("an identity is an object");
  textOf(auth, "scheme");
}

function textOf(auth: Auth, name: "scheme" | "username" | "password"): string {
  const value = (auth as Partial<Record<typeof name, unknown>>)[name];
  if (typeof value === "string" && value !== "") return value;
  const whose = name === "scheme" ? "an identity" : `scheme ${JSON.stringify(auth.scheme)}`;
  throw invalid(`${name} of ${whose} is missing`);
}

function invalid(why: string): InvalidArgumentError {
  return new InvalidArgumentError(`auth: ${why}`, { op: "connect" });
}
