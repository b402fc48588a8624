import { type EnsembleOptions, type EnsembleProvider, ZooKeeperEnsemble } from "@quorate/testing";

/** Docker unless QUORATE_ENSEMBLE says otherwise: the tests must not fall back by themselves to what they were not meant to run on. */
export const provider: EnsembleProvider | "auto" = providerFrom(process.env["QUORATE_ENSEMBLE"]);

/**
 * Starts an ensemble for one test or file, labelled so that `scripts/test-environment.mjs down` finds what a killed run leaves behind. The
 * caller closes it.
 */
export function startEnsemble(options: EnsembleOptions = {}): Promise<ZooKeeperEnsemble> {
  const labels = { "org.quorate.run": process.env["QUORATE_TEST_RUN"] ?? "none" };
  return ZooKeeperEnsemble.start({ provider, labels, ...options });
}

function providerFrom(value: string | undefined): EnsembleProvider | "auto" {
  if (value === undefined || value === "") return "docker";
  if (value === "docker" || value === "process" || value === "auto") return value;
  throw new Error(`QUORATE_ENSEMBLE must be docker, process or auto, not ${value}`);
}
