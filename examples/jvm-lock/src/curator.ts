import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Where Debian's package libcurator-recipes-java puts them. */
const debianJars = ["curator-recipes", "slf4j-simple"].map((name) => `/usr/share/java/${name}.jar`).join(":");

/** Runs java/Withdrawals.java with the jars in CURATOR_CLASSPATH. `began` resolves with its first withdrawal, `done` with its end. */
export function withdrawWithCurator(servers: string, times: number): { began: Promise<unknown>; done: Promise<void> } {
  const source = fileURLToPath(new URL("../java/Withdrawals.java", import.meta.url));
  const classPath = process.env["CURATOR_CLASSPATH"] ?? debianJars;
  const options = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-Dzookeeper.sasl.client=false"];
  const java = spawn("java", ["-cp", classPath, ...options, source, servers, String(times)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  java.stdout.setEncoding("utf8").on("data", (text: string) => console.log(text.trimEnd()));
  const ended = once(java, "close");
  return { began: Promise.race([once(java.stdout, "data"), ended]), done: ended.then(([code]) => checkStatus(code)) };
}

function checkStatus(code: unknown): void {
  if (code !== 0) throw new Error(`java ended with ${String(code)}`);
}
