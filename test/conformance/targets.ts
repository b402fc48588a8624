import { type Driver, wireDriver } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { inject } from "vitest";
import type { RealCluster } from "./support/real-cluster.ts";
import { containerCheckMs, recordedVersion, saslUser, superUser, tickTimeMs } from "./support/settings.ts";

/** What not every target has. */
export type Feature =
  /** Several members: a session can move from one to another. */
  "members" | "sasl";

/** Servers and a driver to reach them by: what the suite runs against. */
export interface Target {
  readonly name: string;
  /** Its answers are the ones to be expected of all others. */
  readonly isReference: boolean;
  /** Whether it answers as the transcripts say. Where not, only what holds for every version is tested. */
  readonly isOfRecordedVersion: boolean;
  readonly driver: () => Driver;
  readonly features: ReadonlySet<Feature>;
  start(): Promise<RunningTarget>;
}

export interface RunningTarget extends AsyncDisposable {
  /** `host:port` of each server. */
  readonly servers: readonly string[];
}

function realCluster({ servers, version }: RealCluster): Target {
  return {
    name: `the real cluster, ${version}`,
    isReference: true,
    isOfRecordedVersion: version === recordedVersion,
    driver: () => wireDriver(),
    features: new Set<Feature>(["members", "sasl"]),
    async start() {
      // Shared by all files, and stopped by who started it.
      return { servers, async [Symbol.asyncDispose]() {} };
    },
  };
}

const embeddedServer: Target = {
  name: "the embedded server",
  isReference: false,
  isOfRecordedVersion: true,
  driver: () => wireDriver(),
  features: new Set<Feature>(["sasl"]),
  async start() {
    const server = await EmbeddedServer.start({
      tickTimeMs,
      containerCheckIntervalMs: containerCheckMs,
      saslUsers: { [saslUser.username]: saslUser.password },
      superDigest: superUser.digest,
    });
    return { servers: [server.connectString], [Symbol.asyncDispose]: () => server.stop() };
  },
};

const cluster = inject("conformance");

/** A further driver is a further line here. */
export const targets: readonly Target[] = [...(cluster === null ? [] : [realCluster(cluster)]), embeddedServer];
