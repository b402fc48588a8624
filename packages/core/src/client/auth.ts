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
  const credentials: Credential[] = [];
  let sasl: SaslCredential | undefined;
  for (const one of all) {
    if (one.scheme === "sasl" && "username" in one) {
      sasl = { username: checked(one.username, "username", one), password: checked(one.password, "password", one) };
    } else {
      credentials.push(credentialOf(one));
    }
  }
  return { credentials, sasl };
}

/** The `auth` packet's content for one identity. */
export function credentialOf(auth: Auth): Credential {
  const scheme = checked(auth.scheme, "scheme", auth);
  if ("credential" in auth) {
    return { scheme, credential: typeof auth.credential === "string" ? Buffer.from(auth.credential) : auth.credential };
  }
  if (scheme === "sasl") throw new InvalidArgumentError("auth: sasl can only be given when connecting");
  const username = checked(auth.username, "username", auth);
  if (username.includes(":")) throw new InvalidArgumentError("auth: a digest username cannot contain a colon");
  return { scheme, credential: Buffer.from(`${username}:${checked(auth.password, "password", auth)}`) };
}

function isList(auth: Auth | readonly Auth[]): auth is readonly Auth[] {
  return Array.isArray(auth);
}

function checked(value: string, name: string, { scheme }: { readonly scheme: string }): string {
  if (typeof value !== "string" || value === "") {
    throw new InvalidArgumentError(`auth: ${name} of scheme ${JSON.stringify(scheme)} is missing`);
  }
  return value;
}
