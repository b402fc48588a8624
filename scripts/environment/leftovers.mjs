// @ts-check
import { run, say } from "./shell.mjs";

/**
 * Removes the ensembles that tests left behind, by the labels @quorate/testing's tests put on them.
 * @param {string | undefined} runId only that run's; all of them when undefined
 */
export async function removeLeftovers(runId) {
  const filter = [
    "--filter",
    "label=org.testcontainers=true",
    "--filter",
    `label=${runId === undefined ? "org.quorate.run" : `org.quorate.run=${runId}`}`,
  ];
  const containers = await list(["ps", "-aq", ...filter]);
  if (containers.length > 0) {
    say(`removing ${containers.length} containers`);
    await run("docker", ["rm", "-fv", ...containers], { timeoutMs: 60_000 });
  }
  const networks = await list(["network", "ls", "-q", ...filter]);
  if (networks.length > 0) await run("docker", ["network", "rm", ...networks], { timeoutMs: 60_000 });
}

/** @param {readonly string[]} args */
async function list(args) {
  const { stdout } = await run("docker", args, { timeoutMs: 20_000 });
  return stdout.split("\n").filter((id) => id !== "");
}
