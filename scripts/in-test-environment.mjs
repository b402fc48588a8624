// @ts-check
/**
 * Runs a command on a machine that may have nothing but Node.js: prepares what real ZooKeeper ensembles need, runs the
 * command with it in the environment, and removes what the command left. See docs/testing.md.
 *
 *   node scripts/in-test-environment.mjs <command> [argument]...
 */
import { spawn } from "node:child_process";

// Ctrl-C reaches the whole process group: the child ends by itself and the tidying up still happens.
process.on("SIGINT", () => {});
/** @type {import("node:child_process").ChildProcess | undefined} */
let current;
process.on("SIGTERM", () => current?.kill("SIGTERM"));

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {"pipe" | "inherit"} stdout
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
function run(command, args, env, stdout) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["ignore", stdout, "inherit"] });
    current = child;
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

const environmentScript = "scripts/test-environment.mjs";
const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error("usage: node scripts/in-test-environment.mjs <command> [argument]...");
  process.exit(64);
}

const up = await run(process.execPath, [environmentScript, "up"], process.env, "pipe");
if (up.exitCode !== 0) process.exit(up.exitCode);
const variables = [...up.output.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
const env = { ...process.env, ...Object.fromEntries(variables) };

const { exitCode } = await run(command, args, env, "inherit");
const down = await run(process.execPath, [environmentScript, "down"], env, "inherit");
process.exitCode = exitCode || down.exitCode;
