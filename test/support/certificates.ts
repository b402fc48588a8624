import { randomUUID } from "node:crypto";
import { type GenerateResult, generate, type SelfsignedOptions } from "selfsigned";

export interface KeyPair {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

/** An authority with one certificate for servers at 127.0.0.1 or localhost, and one for clients. All PEM. */
export interface Certificates {
  readonly ca: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

/** Makes new ones, so that no key lies about in the repository and none expires. */
export async function makeCertificates(): Promise<Certificates> {
  // OpenSSL looks for a certificate's issuer by name: two authorities of one name would be mixed up.
  const authority = await issue(`Quorate test authority ${randomUUID()}`, {
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const server = await issue("server", {
    ca,
    extensions: [
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  const client = await issue("client", { ca, extensions: [{ name: "extKeyUsage", clientAuth: true }] });
  return { ca: authority.cert, server: pairOf(server), client: pairOf(client) };
}

function issue(commonName: string, options: SelfsignedOptions): Promise<GenerateResult> {
  return generate([{ name: "commonName", value: commonName }], { ...options, keyType: "ec", algorithm: "sha256" });
}

function pairOf({ private: key, cert }: GenerateResult): KeyPair {
  return { key, cert };
}
