import { type Driver, wireDriver } from "@quorate/core";
import { inject } from "vitest";

/** What not every target has. */
export type Feature =
  /** Several members: a session can move from one to another. */
  "members" | "sasl";

/** Servers and a driver to reach them by: what the suite runs against. */
export interface Target {
  readonly name: string;
  /** Its answers are the ones to be expected of all others. */
  readonly isReference: boolean;
  readonly driver: () => Driver;
  readonly features: ReadonlySet<Feature>;
  start(): Promise<RunningTarget>;
}

export interface RunningTarget extends AsyncDisposable {
  /** `host:port` of each server. */
  readonly servers: readonly string[];
}

const realCluster: Target = {
  name: "the real cluster",
  isReference: true,
  driver: () => wireDriver(),
  features: new Set<Feature>(["members", "sasl"]),
  async start() {
    // Shared by all files, and stopped by who started it.
    return { servers: inject("conformance"), async [Symbol.asyncDispose]() {} };
  },
};

/** A further driver is a further line here. */
export const targets: readonly Target[] = [...(inject("conformance").length > 0 ? [realCluster] : [])];
