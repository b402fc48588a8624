// @ts-check
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installImageParts } from "./packages.mjs";
import { EnvironmentError, run, say } from "./shell.mjs";

const hubImage = "zookeeper:3.9";
const reaperImage = "testcontainers/ryuk";
const sources = fileURLToPath(new URL("../zookeeper-image/", import.meta.url));
/** Tagged by what it is made with, so that a change to the sources makes a new image. */
const localImage = `quorate/zookeeper:debian-${hashOf(sources)}`;

const registryBoundMs = 15_000;
const pullBoundMs = 180_000;

/** @param {string} directory */
function hashOf(directory) {
  const hash = createHash("sha256");
  for (const name of readdirSync(directory).sort()) hash.update(name).update(readFileSync(join(directory, name)));
  return hash.digest("hex").slice(0, 8);
}

/** @param {string} reference */
async function isPresent(reference) {
  const { stdout } = await run("docker", ["images", "-q", reference]);
  return stdout.trim() !== "";
}

/** @param {string} reference */
async function canBePulled(reference) {
  return (await run("docker", ["manifest", "inspect", reference], { timeoutMs: registryBoundMs })).ok;
}

/** @param {string} reference */
async function pull(reference) {
  say(`pulling ${reference}`);
  return (await run("docker", ["pull", reference], { timeoutMs: pullBoundMs, show: true })).ok;
}

async function buildLocalImage() {
  await installImageParts();
  const { ok, stderr } = await run(join(sources, "build.sh"), [localImage], { show: true });
  if (!ok) throw new EnvironmentError(`building ${localImage} failed:\n${stderr.trim()}`);
}

/** The image the tests shall use: the one asked for, Docker Hub's, or one built here. */
async function chooseImage() {
  const wanted = process.env["ZK_IMAGE"];
  if (wanted !== undefined && wanted !== localImage) {
    if ((await isPresent(wanted)) || (await pull(wanted))) return wanted;
    throw new EnvironmentError(`ZK_IMAGE names ${wanted}, which is neither here nor can be pulled`);
  }
  if (wanted === undefined && (await isPresent(hubImage))) return hubImage;
  if (await isPresent(localImage)) return localImage;
  if (wanted === undefined && (await canBePulled(hubImage)) && (await pull(hubImage))) return hubImage;
  await buildLocalImage();
  return localImage;
}

/**
 * Makes an image of ZooKeeper available.
 * @returns {Promise<Record<string, string>>} the environment variables that make the tests use it
 */
export async function prepareImage() {
  const image = await chooseImage();
  // Testcontainers' reaper comes from a registry too; without it `down` cleans up by label.
  const hasReaper = (await isPresent(reaperImage)) || (image === hubImage && (await canBePulled(reaperImage)));
  return { ZK_IMAGE: image, ...(hasReaper ? {} : { TESTCONTAINERS_RYUK_DISABLED: "true" }) };
}
