import type { TestProject } from "vitest/node";
import { startEnsemble } from "./ensembles.ts";

/** What `inject("zookeeper")` gives the tests of the integration project. */
export interface SharedEnsemble {
  /** Three voting members. Tests share them: no faults here, and only znodes below a path of the test's own. */
  readonly connectString: string;
  readonly members: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    readonly zookeeper: SharedEnsemble;
  }
}

/** Vitest's global setup: starts the ensemble the integration tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ensemble = await startEnsemble();
  project.provide("zookeeper", {
    connectString: ensemble.connectString,
    members: ensemble.members.map(({ connectString }) => connectString),
  });
  return () => ensemble.close();
}
