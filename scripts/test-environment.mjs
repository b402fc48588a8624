// @ts-check
/**
 * Makes this machine ready for the tests that need a ZooKeeper cluster, and tidies up after them.
 *
 *   node scripts/test-environment.mjs up     prints KEY=VALUE lines (and nothing else) on stdout for the tests' environment
 *   node scripts/test-environment.mjs down   removes the containers and networks of the run named by QUORATE_TEST_RUN, of
 *                                            all runs without it; with --stop-docker also the dockerd that `up` started
 */
import { prepareDocker, stopDocker } from "./environment/docker.mjs";
import { prepareImage } from "./environment/image.mjs";
import { removeLeftovers } from "./environment/leftovers.mjs";
import { installPeers } from "./environment/peers.mjs";
import { EnvironmentError, say } from "./environment/shell.mjs";

async function up() {
  await prepareDocker();
  const environment = await prepareImage();
  await installPeers();
  const runId = process.env["QUORATE_TEST_RUN"] ?? `${process.pid}-${Math.floor(performance.timeOrigin)}`;
  for (const [name, value] of Object.entries({ ...environment, QUORATE_TEST_RUN: runId }))
    console.log(`${name}=${value}`);
}

async function down() {
  await removeLeftovers(process.env["QUORATE_TEST_RUN"]);
  if (process.argv.includes("--stop-docker")) await stopDocker();
}

const commands = { up, down };
const command = commands[/** @type {keyof typeof commands} */ (process.argv[2] ?? "")];
if (command === undefined) {
  say("usage: node scripts/test-environment.mjs up | down [--stop-docker]");
  process.exit(64);
}
try {
  await command();
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
