import { EnsembleError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { findJavaRuntime } from "./java-runtime.ts";
import type { EnsemblePlan } from "./options.ts";
import { startProcessBackend } from "./process-backend.ts";

const dockerAdvice = "start Docker (`docker info` must answer; on Debian or Ubuntu: apt-get install docker.io)";
const processAdvice =
  "install Java and ZooKeeper (on Debian or Ubuntu: apt-get install default-jre-headless libzookeeper-java; elsewhere set JAVA_HOME, and ZOOKEEPER_HOME to an unpacked Apache ZooKeeper)";

/** Starts the members by the provider asked for. @throws EnsembleError saying what to install where it is not available */
export async function startBackend(plan: EnsemblePlan): Promise<Backend> {
  if (plan.provider !== "process") {
    // Testcontainers takes longer to load than the embedded server to start and serve: only those wait for it who ask for Docker.
    const { dockerAnswers, startDockerBackend } = await import("./docker-backend.ts");
    if (await dockerAnswers()) return startDockerBackend(plan);
  }
  if (plan.provider === "docker") throw new EnsembleError(`no Docker answers: ${dockerAdvice}`);
  const runtime = await findJavaRuntime();
  if (runtime !== undefined) return startProcessBackend(plan, runtime);
  if (plan.provider === "process") throw new EnsembleError(`no Java with ZooKeeper's jars: ${processAdvice}`);
  throw new EnsembleError(`neither Docker nor a local ZooKeeper: ${dockerAdvice}, or ${processAdvice}`);
}
