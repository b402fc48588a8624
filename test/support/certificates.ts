import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

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

const openssl = async (...args: readonly string[]): Promise<void> => {
  await promisify(execFile)("openssl", args);
};
const keyOptions = ["-newkey", "rsa:2048", "-nodes"];
const days = ["-days", "30"];

/** Makes new ones with `openssl`, so that no key lies about in the repository and none expires. */
export async function makeCertificates(): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-certificates-"));
  const file = (name: string): string => join(directory, name);
  const sign = async (name: string, extensions: string): Promise<KeyPair> => {
    const [key, cert] = [file(`${name}.key`), file(`${name}.cert`)];
    const [request, extensionFile] = [file(`${name}.csr`), file(`${name}.ext`)];
    await openssl("req", ...keyOptions, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    await writeFile(extensionFile, extensions);
    const authority = ["-CA", file("ca.cert"), "-CAkey", file("ca.key"), "-CAcreateserial"];
    await openssl("x509", "-req", "-in", request, "-out", cert, ...authority, ...days, "-extfile", extensionFile);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  };
  try {
    const authority = ["-keyout", file("ca.key"), "-out", file("ca.cert"), "-subj", "/CN=Quorate test authority"];
    await openssl("req", "-x509", ...keyOptions, ...authority, ...days);
    return {
      ca: await readFile(file("ca.cert"), "utf8"),
      server: await sign(
        "server",
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n",
      ),
      client: await sign("client", "extendedKeyUsage=clientAuth\n"),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}
