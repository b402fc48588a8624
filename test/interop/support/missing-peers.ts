import { missing, peerNames } from "./peers.ts";

/** Vitest's global setup: one line for each client whose tests will be skipped. */
export default function setup(): void {
  for (const name of peerNames) {
    const remedy = missing(name);
    if (remedy !== undefined) console.warn(`interop: ${name} is missing, its tests are skipped; ${remedy}`);
  }
}
