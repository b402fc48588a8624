import { createHash, timingSafeEqual } from "node:crypto";
import { parseDirectives } from "./directives.ts";

/** What ZooKeeper's server calls itself, as realm and as host of `digest-uri`. */
const serverName = "zk-sasl-md5";
const digestUri = `zookeeper/${serverName}`;
const nonceCount = "00000001";
/** What a client says is shorter (RFC 2831, 2.1.2). */
const maxTokenBytes = 4096;

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

  next(token: Uint8Array): SaslStep {
    const state = this.#state;
    this.#state = state === "new" && token.length === 0 ? "challenged" : "over";
    if (this.#state === "challenged") return { kind: "challenge", token: Buffer.from(this.#challenge()) };
    return state === "challenged" && token.length < maxTokenBytes
      ? this.#verdict(Buffer.from(token).toString("utf8"))
      : refused;
  }

  #challenge(): string {
    return `realm="${serverName}",nonce="${this.#nonce}",charset=utf-8,algorithm=md5-sess`;
  }

  #verdict(answer: string): SaslStep {
    const said = parseDirectives(answer);
    const user = said?.get("username") ?? "";
    const cnonce = said?.get("cnonce");
    const uri = said?.get("digest-uri") ?? "";
    const password = Object.hasOwn(this.#users, user) ? this.#users[user] : undefined;
    const isForUs =
      said?.get("nonce") === this.#nonce &&
      said.get("nc") === nonceCount &&
      said.get("realm") === serverName &&
      (said.get("qop") ?? "auth") === "auth" &&
      uri.toLowerCase() === digestUri;
    if (password === undefined || cnonce === undefined || !isForUs) return refused;
    const a1 = [this.#nonce, cnonce, ...(said.has("authzid") ? [said.get("authzid")] : [])].join(":");
    const secret = md5(Buffer.concat([hashed(user), Buffer.from(`:${serverName}:`), hashed(password)]));
    const key = hex(Buffer.concat([secret, Buffer.from(`:${a1}`)]));
    const proof = (a2: string): string => hex([key, this.#nonce, nonceCount, cnonce, "auth", hex(a2)].join(":"));
    if (!isEqual(said.get("response") ?? "", proof(`AUTHENTICATE:${uri}`))) return refused;
    return { kind: "done", token: Buffer.from(`rspauth=${proof(`:${uri}`)}`), user };
  }
}

function md5(bytes: Buffer | string): Buffer {
  return createHash("md5").update(bytes).digest();
}

function hex(bytes: Buffer | string): string {
  return md5(bytes).toString("hex");
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** RFC 2831, 2.1.2.1: text that fits ISO 8859-1 is hashed in that encoding. */
function hashed(text: string): Buffer {
  return Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? "latin1" : "utf8");
}
