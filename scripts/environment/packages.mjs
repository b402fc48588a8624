// @ts-check
import { existsSync } from "node:fs";
import { EnvironmentError, run, say } from "./shell.mjs";

const dockerPackages = ["docker.io", "iptables", "ca-certificates"];
/** What the local image is made of. */
const imagePackages = ["openjdk-17-jre-headless", "libzookeeper-java", "busybox-static", "unzip"];

/** @param {string} name */
async function isInstalled(name) {
  const { stdout } = await run("dpkg-query", ["-W", "-f=${Status}", name]);
  return stdout.endsWith(" installed");
}

/**
 * Installs those of the packages that are missing.
 * @param {readonly string[]} names
 * @param {string} purpose told to the user where we cannot install
 */
async function install(names, purpose) {
  const isDebian = existsSync("/etc/debian_version");
  const missing = [];
  for (const name of names) if (!isDebian || !(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return;
  if (!isDebian || process.getuid?.() !== 0) {
    throw new EnvironmentError(
      `${purpose}. As root on Debian or Ubuntu: apt-get install --no-install-recommends ${missing.join(" ")}`,
    );
  }
  say(`installing ${missing.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { show: true, env });
  // Through `run` its output stays off stdout.
  const result = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
  if (!result.ok) throw new EnvironmentError(`apt-get install ${missing.join(" ")} failed:\n${result.stderr.trim()}`);
}

export async function installDocker() {
  await install(dockerPackages, "No Docker answers: start it (`docker info` must work) or install it");
}

export async function installImageParts() {
  await install(
    imagePackages,
    "No image registry can be reached, so the ZooKeeper image must be built from packages that are missing here; or name an image at hand by ZK_IMAGE",
  );
}
