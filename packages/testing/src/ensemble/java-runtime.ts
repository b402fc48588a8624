import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** What it takes to run ZooKeeper as a process of this machine. */
export interface JavaRuntime {
  readonly java: string;
  readonly classPath: string;
}

const debianJars = "/usr/share/java";

/** What Debian's zookeeper.jar needs beyond the jars its manifest names: a logger, the rest of Netty (TLS), the admin server's parts. */
const debianExtras = [
  "slf4j-simple",
  "netty-codec",
  "netty-resolver",
  "netty-transport-native-unix-common",
  "servlet-api",
  "jetty9-util-ajax",
];

/** Finds Java (`JAVA_HOME`, else the `PATH`) and ZooKeeper's jars (`ZOOKEEPER_HOME`, else Debian's); undefined where either is missing. */
export async function findJavaRuntime(): Promise<JavaRuntime | undefined> {
  const classPath = findClassPath();
  const home = process.env["JAVA_HOME"];
  const java = home === undefined ? "java" : join(home, "bin", "java");
  return classPath !== undefined && (await runs(java)) ? { java, classPath } : undefined;
}

/** A ZOOKEEPER_HOME that is set must hold; anything else would run another version than the one asked for. */
function findClassPath(): string | undefined {
  const home = process.env["ZOOKEEPER_HOME"];
  if (home !== undefined) {
    const lib = join(home, "lib");
    const hasServer = existsSync(lib) && readdirSync(lib).some((name) => /^zookeeper-\d.*\.jar$/.test(name));
    return hasServer ? join(lib, "*") : undefined;
  }
  const zookeeper = join(debianJars, "zookeeper.jar");
  if (!existsSync(zookeeper)) return undefined;
  return [zookeeper, ...debianExtras.map((name) => join(debianJars, `${name}.jar`))].join(":");
}

async function runs(java: string): Promise<boolean> {
  try {
    await promisify(execFile)(java, ["-version"]);
    return true;
  } catch {
    return false;
  }
}
