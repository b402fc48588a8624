import { type Driver, wireDriver } from "@quorate/core";
import { native } from "@quorate/native";
import { EmbeddedServer } from "@quorate/testing";
import { inject } from "vitest";
import { isNativeExpected } from "../support/by-driver/expected.ts";
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
  /** Cases in which its driver does not do what a driver may leave to the server, and why. */
  readonly differs?: Readonly<Record<string, string>>;
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

const looksAtPaths = "the C client refuses such paths itself";
const byCClient = {
  "an odd name before the number": looksAtPaths,
  "a sequential znode of an odd path": looksAtPaths,
};

/** The same servers by another driver. What it cannot do is skipped. */
function byNative(target: Target): Target {
  return {
    ...target,
    name: `${target.name}, by the native driver`,
    isReference: false,
    driver: () => native(),
    differs: byCClient,
  };
}

const cluster = inject("conformance");
const byWire: readonly Target[] = [...(cluster === null ? [] : [realCluster(cluster)]), embeddedServer];

/** A further driver is a further line here. */
export const targets: readonly Target[] = [...byWire, ...(isNativeExpected ? byWire.map(byNative) : [])];
