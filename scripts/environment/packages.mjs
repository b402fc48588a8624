// @ts-check
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { EnvironmentError, run, say } from "./shell.mjs";

/** What has to be there, a program or a file, and the package of Debian and Ubuntu that brings it. @typedef {readonly [string, string]} Need */

/** @type {readonly Need[]} */
const docker = [
  ["dockerd", "docker.io"],
  ["iptables", "iptables"],
  ["/etc/ssl/certs/ca-certificates.crt", "ca-certificates"],
];
/** Comes with docker.io in some releases, by itself in others. @type {readonly Need[]} */
const dockerClient = [["docker", "docker-cli"]];
/** What the local image is made of. @type {readonly Need[]} */
const imageParts = [
  ["java", "default-jre-headless"],
  ["/usr/share/java/zookeeper.jar", "libzookeeper-java"],
  ["busybox", "busybox-static"],
  ["unzip", "unzip"],
];

/** @param {string} need a program's name or a file's path */
export function isHere(need) {
  if (need.startsWith("/")) return existsSync(need);
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return directories.some((directory) => existsSync(join(directory, need)));
}

/**
 * Installs the packages of what is missing.
 * @param {readonly Need[]} needs
 * @param {string} purpose told to the user where we cannot install
 */
export async function install(needs, purpose) {
  const packages = needs.filter(([need]) => !isHere(need)).map(([, name]) => name);
  if (packages.length === 0) return;
  const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) {
    throw new EnvironmentError(`${purpose}. On Debian or Ubuntu, as root: ${command}`);
  }
  say(`installing ${packages.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { show: true, env });
  const result = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
  if (!result.ok) throw new EnvironmentError(`${command} failed:\n${result.stderr.trim()}`);
}

export async function installDocker() {
  const purpose = "No Docker answers: start it (`docker info` must work) or install it";
  await install(docker, purpose);
  await install(dockerClient, purpose);
}

export async function installImageParts() {
  await install(
    imageParts,
    "No image registry can be reached, so the ZooKeeper image must be built from packages that are missing here; or name an image at hand by ZK_IMAGE",
  );
}
