import type { Credential, SaslCredential } from "../driver/credentials.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";

/** An identity to present to the servers. */
export type Auth =
  | { readonly scheme: "digest"; readonly username: string; readonly password: string }
  | { readonly scheme: "sasl"; readonly username: string; readonly password: string }
  | { readonly scheme: string; readonly credential: Uint8Array | string };

/** The method it was given to, for the errors. */
type Op = "connect" | "addAuth";

export interface Credentials {
  readonly credentials: readonly Credential[];
  readonly sasl: SaslCredential | undefined;
}

/**
 * @throws InvalidArgumentError on an incomplete identity; never shows the secret
 */
export function credentialsOf(auth: Auth | readonly Auth[] | undefined): Credentials {
  const op = "connect";
  const all = auth === undefined ? [] : isList(auth) ? auth : [auth];
  const isSasl = ({ scheme }: Auth): boolean => scheme === "sasl";
  for (const one of all) checkShape(op, one);
  const [first, second] = all.filter(isSasl);
  if (second !== undefined) throw invalid(op, "sasl can be given once only");
  return {
    credentials: all.filter((one) => !isSasl(one)).map((one) => credentialOf(one, op)),
    sasl: first && { username: textOf(op, first, "username"), password: textOf(op, first, "password") },
  };
}

/**
 * The `auth` packet's content for one identity.
 *
 * @throws InvalidArgumentError as {@link credentialsOf}
 */
export function credentialOf(auth: Auth, op: Op): Credential {
  checkShape(op, auth);
  const { scheme } = auth;
  if (scheme === "sasl") throw invalid(op, "sasl can be given when connecting only");
  if ("credential" in auth) {
    const { credential } = auth;
    if (typeof credential === "string") return { scheme, credential: Buffer.from(credential) };
    if (credential instanceof Uint8Array) return { scheme, credential };
    throw invalid(op, `credential of scheme ${JSON.stringify(scheme)} is neither text nor bytes`);
  }
  const username = textOf(op, auth, "username");
  if (username.includes(":")) throw invalid(op, "a digest username cannot contain a colon");
  return { scheme, credential: Buffer.from(`${username}:${textOf(op, auth, "password")}`) };
}

function isList(auth: Auth | readonly Auth[]): auth is readonly Auth[] {
  return Array.isArray(auth);
}

function checkShape(op: Op, auth: Auth): void {
  if (typeof auth !== "object" || auth === null) throw invalid(op, "an identity is an object");
  textOf(op, auth, "scheme");
}

function textOf(op: Op, auth: Auth, name: "scheme" | "username" | "password"): string {
  const value = (auth as Partial<Record<typeof name, unknown>>)[name];
  if (typeof value === "string" && value !== "") return value;
  const whose = name === "scheme" ? "an identity" : `scheme ${JSON.stringify(auth.scheme)}`;
  throw invalid(op, `${name} of ${whose} is missing`);
}

function invalid(op: Op, why: string): InvalidArgumentError {
  return new InvalidArgumentError(`auth: ${why}`, { op });
}
