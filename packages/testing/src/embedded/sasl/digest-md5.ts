import { createHash, timingSafeEqual } from "node:crypto";
import { parseDirectives } from "./directives.ts";

/** What ZooKeeper's server calls itself, as realm and as host of `digest-uri`. */
const serverName = "zk-sasl-md5";
const digestUri = `zookeeper/${serverName}`;

export type SaslStep =
  | { readonly kind: "challenge"; readonly token: Uint8Array }
  | { readonly kind: "done"; readonly token: Uint8Array; readonly user: string }
  | { readonly kind: "refused" };

const refused: SaslStep = { kind: "refused" };

/** The server's side of one SASL DIGEST-MD5 conversation (RFC 2831), as Java's provider holds it for ZooKeeper. */
export class DigestMd5Conversation {
  readonly #users: Readonly<Record<string, string>>;
  readonly #nonce: string;
  #state: "new" | "challenged" | "over" = "new";

  /** @param nonce used for this conversation only */
  constructor(users: Readonly<Record<string, string>>, nonce: string) {
    this.#users = users;
    this.#nonce = nonce;
  }

  next(token: Uint8Array | null): SaslStep {
    const state = this.#state;
    this.#state = state === "new" ? "challenged" : "over";
    if (state === "new") return { kind: "challenge", token: Buffer.from(this.#challenge()) };
    return state === "challenged" ? this.#verdict(Buffer.from(token ?? []).toString("utf8")) : refused;
  }

  #challenge(): string {
    return `realm="${serverName}",nonce="${this.#nonce}",charset=utf-8,algorithm=md5-sess`;
  }

  #verdict(answer: string): SaslStep {
    const said = parseDirectives(answer);
    const user = said.get("username") ?? "";
    const password = Object.hasOwn(this.#users, user) ? this.#users[user] : undefined;
    const isForUs =
      said.get("nonce") === this.#nonce &&
      said.get("nc") === "00000001" &&
      (said.get("realm") ?? "") === serverName &&
      (said.get("qop") ?? "auth") === "auth" &&
      said.get("digest-uri")?.toLowerCase() === digestUri;
    const cnonce = said.get("cnonce");
    if (password === undefined || !isForUs || cnonce === undefined) return refused;
    const secret = md5(Buffer.concat([hashed(user), Buffer.from(`:${serverName}:`), hashed(password)]));
    const a1 = md5(Buffer.concat([secret, Buffer.from(`:${this.#nonce}:${cnonce}`)])).toString("hex");
    const proof = (a2: string): Buffer => {
      const parts = [a1, this.#nonce, "00000001", cnonce, "auth", md5(Buffer.from(a2)).toString("hex")];
      return Buffer.from(md5(Buffer.from(parts.join(":"))).toString("hex"));
    };
    const uri = said.get("digest-uri") ?? "";
    const response = Buffer.from(said.get("response") ?? "");
    const expected = proof(`AUTHENTICATE:${uri}`);
    if (response.length !== expected.length || !timingSafeEqual(response, expected)) return refused;
    return { kind: "done", token: Buffer.from(`rspauth=${proof(`:${uri}`).toString()}`), user };
  }
}

function md5(bytes: Buffer): Buffer {
  return createHash("md5").update(bytes).digest();
}

/** RFC 2831, 2.1.2.1: text that fits ISO 8859-1 is hashed in that encoding. */
function hashed(text: string): Buffer {
  return Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? "latin1" : "utf8");
}
