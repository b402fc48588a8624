import { createRequire } from "node:module";
import { missingPackages, peerNames as packagedNames } from "../../../scripts/environment/peers.mjs";

/** npm's clients are dependencies of the benchmark, which measures beside them. */
export const requireNpmPeer: NodeJS.Require = createRequire(new URL("../../bench/package.json", import.meta.url));

const npmNames = ["zookeeper", "node-zookeeper-client"] as const;

export const peerNames = [...packagedNames, ...npmNames] as const;
export type PeerName = (typeof peerNames)[number];

/** How to install the peer; undefined if it is here. */
export function missing(name: PeerName): string | undefined {
  if (name === "zookeeper") return canLoad(name) ? undefined : "npm ci, with python3, make and g++ at hand";
  if (name === "node-zookeeper-client") return canLoad(name) ? undefined : "npm ci";
  const packages = missingPackages(name);
  return packages.length === 0 ? undefined : `apt-get install --no-install-recommends ${packages.join(" ")}`;
}

function canLoad(name: string): boolean {
  try {
    requireNpmPeer(name);
    return true;
  } catch {
    return false;
  }
}
