import { timingSafeEqual } from "node:crypto";
import { ErrorCode, ProtocolError, type SaslToken } from "@quorate/protocol";
import type { SaslCredential } from "../../driver/credentials.ts";
import { AuthFailedError } from "../../errors/server-errors.ts";
import type { RandomSource } from "../../random.ts";
import { digestMd5, nonceCount } from "./digest-md5.ts";
import { parseDirectives, quoted } from "./directives.ts";

/** The name every ZooKeeper server goes by in DIGEST-MD5, whatever its host (SaslServerPrincipal, ZooKeeperSaslServer). */
const digestUri = "zookeeper/zk-sasl-md5";

/**
 * Authenticates with SASL DIGEST-MD5 and makes the server prove that it knows the password as well.
 *
 * @param exchange sends one token and gives the server's
 * @throws AuthFailedError when either side does not convince the other
 */
export async function saslConversation(
  { username, password }: SaslCredential,
  random: RandomSource,
  exchange: (token: Uint8Array) => Promise<SaslToken>,
): Promise<void> {
  const challenge = parseDirectives(text(await exchange(new Uint8Array(0)), "offers no SASL authentication"));
  const nonce = challenge.get("nonce");
  if (nonce === undefined) throw refused("sent a SASL challenge without a nonce");
  if (challenge.get("algorithm") !== "md5-sess") throw refused("offers SASL, but not DIGEST-MD5");
  const qualities = challenge.get("qop")?.split(/[\s,]+/) ?? ["auth"];
  if (!qualities.includes("auth"))
    throw refused("asks for SASL integrity or privacy layers, which ZooKeeper has no use for");
  const realm = challenge.get("realm") ?? "";
  const cnonce = random.uuid();
  const { response, rspauth } = digestMd5({ username, password, realm, nonce, cnonce, digestUri });
  const answer = [
    "charset=utf-8",
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `nc=${nonceCount}`,
    `cnonce=${quoted(cnonce)}`,
    `digest-uri=${quoted(digestUri)}`,
    `response=${response}`,
    "qop=auth",
  ].join(",");
  const verdict = parseDirectives(text(await exchange(Buffer.from(answer)), "ended the SASL conversation early"));
  if (!sameText(verdict.get("rspauth") ?? "", rspauth)) {
    throw refused("could not prove that it knows the password itself");
  }
}

function text({ token }: SaslToken, failure: string): string {
  if (token === null) throw refused(failure);
  return Buffer.from(token).toString("utf8");
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function refused(what: string): AuthFailedError {
  return new AuthFailedError(ErrorCode.AUTH_FAILED, { op: "sasl", cause: new ProtocolError(`the server ${what}`) });
}
