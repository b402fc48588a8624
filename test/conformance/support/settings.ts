import { digestAcl } from "@quorate/core";

/** The version of ZooKeeper whose answers the transcripts hold. Later ones differ, mostly in watches. */
export const recordedVersion = "3.8.0";

/** What all servers of the suite are set to. */
export const tickTimeMs = 500;

/** How often containers and TTL nodes are looked for. */
export const containerCheckMs = 100;

export const saslUser = { username: "sasha", password: "open sesame" } as const;

const superPassword = "over all others";

/** The digest user no ACL holds back. */
export const superUser = {
  username: "super",
  password: superPassword,
  digest: digestAcl("super", superPassword).id.id,
} as const;

/** Session timeouts a server grants: 2 to 20 ticks. */
export const sessionBounds = { minMs: 2 * tickTimeMs, maxMs: 20 * tickTimeMs } as const;
