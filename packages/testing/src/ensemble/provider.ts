import { EnsembleError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { findJavaRuntime } from "./java-runtime.ts";
import type { EnsemblePlan, EnsembleProvider } from "./options.ts";

const dockerAdvice = "start Docker (`docker info` must answer; on Debian or Ubuntu: apt-get install docker.io)";
const processAdvice =
  "install Java and ZooKeeper (on Debian or Ubuntu: apt-get install default-jre-headless libzookeeper-java; elsewhere set JAVA_HOME, and ZOOKEEPER_HOME to an unpacked Apache ZooKeeper)";

/** Starts the members by the provider asked for. @throws EnsembleError saying what to install where it is not available */
export async function startBackend(plan: EnsemblePlan): Promise<Backend> {
  if ((await chooseProvider(plan.provider)) === "docker") {
    const { startDockerBackend } = await import("./docker-backend.ts");
    return startDockerBackend(plan);
  }
  const runtime = await findJavaRuntime();
  if (runtime === undefined) throw new EnsembleError(`no Java with ZooKeeper's jars: ${processAdvice}`);
  const { startProcessBackend } = await import("./process-backend.ts");
  return startProcessBackend(plan, runtime);
}

/** The provider asked for, if it is available. @throws EnsembleError saying what to install where it is not */
export async function chooseProvider(asked: EnsembleProvider | "auto"): Promise<EnsembleProvider> {
  if (asked !== "process") {
    // Testcontainers takes longer to load than the embedded server to start and serve: only those wait for it who ask for Docker.
    const { dockerAnswers } = await import("./docker-backend.ts");
    if (await dockerAnswers()) return "docker";
  }
  if (asked === "docker") throw new EnsembleError(`no Docker answers: ${dockerAdvice}`);
  if ((await findJavaRuntime()) !== undefined) return "process";
  if (asked === "process") throw new EnsembleError(`no Java with ZooKeeper's jars: ${processAdvice}`);
  throw new EnsembleError(`neither Docker nor a local ZooKeeper: ${dockerAdvice}, or ${processAdvice}`);
}
