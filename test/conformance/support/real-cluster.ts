import type { TestProject } from "vitest/node";
import { startEnsemble } from "../../support/ensembles.ts";
import { containerCheckMs, saslUser, superUser, tickTimeMs } from "./settings.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** `host:port` of every member of the real cluster; none when only other targets are to run. */
    readonly conformance: readonly string[];
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
    project.provide("conformance", []);
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
  project.provide(
    "conformance",
    ensemble.members.map(({ connectString }) => connectString),
  );
  return () => ensemble.close();
}
