/** A credential presented with ZooKeeper's `auth` packet. */
export interface Credential {
  /** Such as `digest`. */
  readonly scheme: string;
  readonly credential: Uint8Array;
}

/** SASL DIGEST-MD5. */
export interface SaslCredential {
  readonly username: string;
  readonly password: string;
}
