import { createHash } from "node:crypto";

/** `user:base64(sha1(user:password))` of `user:password` (org.apache.zookeeper.server.auth.DigestAuthenticationProvider). */
export function digestOf(credential: string): string {
  const user = credential.split(":")[0] ?? "";
  return `${user}:${createHash("sha1").update(credential, "utf8").digest("base64")}`;
}
