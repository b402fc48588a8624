// @ts-check
/**
 * Runs every test on a machine that may have nothing but Node.js: prepares what the cluster tests need, runs vitest with
 * this script's arguments, and removes what the tests left. See docs/testing.md.
 */
import { spawn } from "node:child_process";

const environmentScript = "scripts/test-environment.mjs";
const vitest = "node_modules/vitest/vitest.mjs";

// Ctrl-C reaches the whole process group: the child ends by itself and the tidying up still happens.
process.on("SIGINT", () => {});
/** @type {import("node:child_process").ChildProcess | undefined} */
let current;
process.on("SIGTERM", () => current?.kill("SIGTERM"));

/**
 * @param {readonly string[]} args
 * @param {{ stdout: "pipe" | "inherit", env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
function node(args, { stdout, env = process.env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", stdout, "inherit"] });
    current = child;
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

const up = await node([environmentScript, "up"], { stdout: "pipe" });
if (up.exitCode !== 0) process.exit(up.exitCode);
const variables = up.output
  .split("\n")
  .map((line) => /^(\w+)=(.*)$/.exec(line))
  .flatMap((match) => (match ? [[match[1], match[2]]] : []));
const env = { ...process.env, ...Object.fromEntries(variables) };

const tests = await node([vitest, "run", ...process.argv.slice(2)], { stdout: "inherit", env });
const down = await node([environmentScript, "down"], { stdout: "inherit", env });
process.exitCode = tests.exitCode || down.exitCode;
