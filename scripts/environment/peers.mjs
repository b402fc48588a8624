// @ts-check
import { install, isHere } from "./packages.mjs";
import { EnvironmentError, say } from "./shell.mjs";

/** @import { Need } from "./packages.mjs" */

/** @type {readonly Need[]} */
const javaClient = [
  ["java", "default-jre-headless"],
  ["/usr/share/java/zookeeper.jar", "libzookeeper-java"],
  ["/usr/share/java/slf4j-simple.jar", "libslf4j-java"],
];

/** Other people's clients that test/interop runs, from the distribution's packages. @satisfies {Record<string, readonly Need[]>} */
const peers = {
  "ZooKeeper's command line": javaClient,
  "Apache Curator": [
    ...javaClient,
    ["javac", "default-jdk-headless"],
    ["/usr/share/java/curator-recipes.jar", "libcurator-recipes-java"],
    ["/usr/share/java/curator-x-discovery.jar", "libcurator-discovery-java"],
  ],
  // The package is for the distribution's own interpreter, whatever `python3` the PATH finds first.
  kazoo: [
    ["/usr/bin/python3", "python3"],
    ["/usr/lib/python3/dist-packages/kazoo/client.py", "python3-kazoo"],
  ],
};

/** @typedef {keyof typeof peers} PeerName */

export const peerNames = /** @type {readonly PeerName[]} */ (Object.keys(peers));

/**
 * The packages that are missing for this client to run here.
 * @param {PeerName} name
 */
export function missingPackages(name) {
  return peers[name].filter(([need]) => !isHere(need)).map(([, packageName]) => packageName);
}

/** Installs the clients where that is possible; the tests of those that are missing are skipped and say so. */
export async function installPeers() {
  /** @type {readonly Need[]} */
  const needs = [...new Set(Object.values(peers).flat())];
  try {
    await install(needs, "Some of the clients the interop tests run are missing");
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    say(error.message);
  }
}
