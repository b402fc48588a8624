import type { SecureContextOptions } from "node:tls";

/** TLS towards the servers. Verification is on; certificates and keys are those of `tls.createSecureContext`. */
export interface TlsOptions
  extends Pick<
    SecureContextOptions,
    "ca" | "cert" | "key" | "passphrase" | "pfx" | "ciphers" | "minVersion" | "maxVersion"
  > {
  /** Name to verify the certificate against, when it is not the host of the connect string. */
  readonly servername?: string;
  /** `false` turns verification off: anyone on the network can then pose as the server. Default true. */
  readonly rejectUnauthorized?: boolean;
}
