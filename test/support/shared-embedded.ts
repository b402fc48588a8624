import { EmbeddedServer } from "@quorate/testing";
import type { TestProject } from "vitest/node";

/** Vitest's global setup: an embedded server in place of the ensemble that the integration tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await EmbeddedServer.start();
  const { connectString } = server;
  project.provide("zookeeper", { connectString, members: [connectString, connectString, connectString] });
  return () => server.stop();
}
