import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Actors } from "./actors.ts";
import { PeerProcess } from "./peer-process.ts";

const jars = "/usr/share/java";
const sources = fileURLToPath(new URL("../java/", import.meta.url));
const cache = fileURLToPath(new URL("../../../node_modules/.cache/quorate-interop/", import.meta.url));

/** The manifests of the distribution's jars name what these need; a logger is left to us. */
const zookeeperJars = classPath("zookeeper", "slf4j-simple");
const curatorJars = classPath("curator-recipes", "curator-x-discovery", "slf4j-simple");

/** Small and quick to start. No SASL: the client would look up the servers' names for it. */
const jvmOptions = [
  "-Xmx128m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Dzookeeper.sasl.client=false",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
];

function classPath(...names: readonly string[]): string {
  return names.map((name) => join(jars, `${name}.jar`)).join(":");
}

/** ZooKeeper's command line, reading commands from its input. What it says on either output comes on `stdout`, in order. */
export function startZooKeeperMain(args: readonly string[]): PeerProcess {
  const command = ["java", ...jvmOptions, "-cp", zookeeperJars, "org.apache.zookeeper.ZooKeeperMain", ...args];
  return new PeerProcess("sh", ["-c", 'exec "$@" 2>&1', "sh", ...command]);
}

/** Compiles java/*.java unless that was done before, and runs it. */
export async function startCurator(): Promise<Actors> {
  const classes = await compile();
  return new Actors(new PeerProcess("java", [...jvmOptions, "-cp", `${classes}:${curatorJars}`, "Peer"]));
}

async function compile(): Promise<string> {
  const files = (await readdir(sources)).sort().map((name) => join(sources, name));
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file));
  const classes = join(cache, hash.digest("hex").slice(0, 16));
  if (await exists(classes)) return classes;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, "javac-"));
  try {
    await promisify(execFile)("javac", ["-proc:none", "-d", fresh, "-cp", curatorJars, ...files]);
    await rename(fresh, classes).catch(async (error: unknown) => {
      // Another test file was compiling at the same time, and was faster.
      if (!(await exists(classes))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return classes;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
