import type { ZooKeeperEnsemble } from "@quorate/testing";
import { inject } from "vitest";
import { EmbeddedEnsemble } from "./embedded-ensemble.ts";
import { startEnsemble } from "./ensembles.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What `startServers()` starts: set by the project in vitest.config.ts. Default an ensemble. */
    readonly servers?: "embedded";
  }
}

/** What of an ensemble the embedded server can stand in for. */
export type Servers = Pick<
  ZooKeeperEnsemble,
  "members" | "connectString" | "leader" | "status" | "fourLetter" | "kill" | "start" | "ready" | "close"
>;

export interface ServersOptions {
  /** Default 3; the embedded server is one whatever is asked for. */
  readonly nodes?: number;
  /** How often containers and TTL nodes are looked for, milliseconds. Default ZooKeeper's 60 000. */
  readonly containerCheckMs?: number;
}

/** Whether the tests of this project run on the embedded server. */
export const isEmbedded: boolean = inject("servers") === "embedded";

/** Servers for one file, for it to close: real ones, or in the project `embedded` an embedded one. */
export async function startServers({ nodes, containerCheckMs }: ServersOptions = {}): Promise<Servers> {
  if (isEmbedded) return EmbeddedEnsemble.start({ containerCheckMs });
  return startEnsemble({
    ...(nodes !== undefined && { nodes }),
    ...(containerCheckMs !== undefined && {
      systemProperties: {
        "zookeeper.extendedTypesEnabled": true,
        "znode.container.checkIntervalMs": containerCheckMs,
      },
    }),
  });
}
