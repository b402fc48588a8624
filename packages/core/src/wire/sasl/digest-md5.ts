import { createHash } from "node:crypto";

/** What the client answers the server's challenge with (RFC 2831). */
export interface DigestInput {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  /** The client's own nonce. */
  readonly cnonce: string;
  /** `service/host` the client believes it is talking to. */
  readonly digestUri: string;
}

export interface DigestProof {
  /** Proves to the server that the client knows the password. */
  readonly response: string;
  /** What the server has to answer to prove that it knows it too. */
  readonly rspauth: string;
}

/** The client uses each nonce of the server once. */
export const nonceCount = "00000001";

/** `md5-sess` with quality of protection `auth`. */
export function digestMd5(input: DigestInput): DigestProof {
  const secret = md5(
    Buffer.concat([hashed(input.username), colon, hashed(input.realm), colon, hashed(input.password)]),
  );
  const a1 = hex(md5(Buffer.concat([secret, Buffer.from(`:${input.nonce}:${input.cnonce}`)])));
  const proof = (a2: string): string => {
    const parts = [a1, input.nonce, nonceCount, input.cnonce, "auth", hex(md5(Buffer.from(a2)))];
    return hex(md5(Buffer.from(parts.join(":"))));
  };
  return { response: proof(`AUTHENTICATE:${input.digestUri}`), rspauth: proof(`:${input.digestUri}`) };
}

const colon = Buffer.from(":");

/** RFC 2831, 2.1.2.1: text that fits ISO 8859-1 is hashed in that encoding even when `charset=utf-8` was agreed. */
function hashed(text: string): Buffer {
  return Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? "latin1" : "utf8");
}

function md5(bytes: Buffer): Buffer {
  return createHash("md5").update(bytes).digest();
}

function hex(bytes: Buffer): string {
  return bytes.toString("hex");
}
