import type { TestProject } from "vitest/node";
import { startEnsemble } from "../../support/ensembles.ts";
import { containerCheckMs, saslUser, superUser, tickTimeMs } from "./settings.ts";

export interface RealCluster {
  /** `host:port` of every member. */
  readonly servers: readonly string[];
  /** Such as 3.8.0. */
  readonly version: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** The real cluster; `null` when only other targets are to run. */
    readonly conformance: RealCluster | null;
  }
}

const jaas = `Server {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  user_${saslUser.username}="${saslUser.password}";
};
`;

/** Vitest's global setup: the real cluster, with everything switched on that the suite is about. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env["QUORATE_CONFORMANCE"] === "embedded") {
    project.provide("conformance", null);
    return async () => {};
  }
  const ensemble = await startEnsemble({
    tickTimeMs,
    config: { "authProvider.sasl": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider" },
    systemProperties: {
      "zookeeper.extendedTypesEnabled": true,
      "zookeeper.DigestAuthenticationProvider.superDigest": superUser.digest,
      "znode.container.checkIntervalMs": containerCheckMs,
      "java.security.auth.login.config": "${confDir}/jaas.conf",
    },
    files: { "jaas.conf": jaas },
  });
  const answer = await ensemble.fourLetter(1, "srvr");
  const version = /^Zookeeper version: (\d+\.\d+\.\d+)/m.exec(answer)?.[1] ?? "of an unknown version";
  const servers = ensemble.members.map(({ connectString }) => connectString);
  project.provide("conformance", { servers, version });
  return () => ensemble.close();
}
