// @ts-check
import { spawn } from "node:child_process";

/** Something about the machine that its owner has to put right; the message says what. */
export class EnvironmentError extends Error {}

/** Messages go to stderr: stdout carries the KEY=VALUE lines only. @param {string} message */
export function say(message) {
  process.stderr.write(`${message}\n`);
}

/**
 * Runs a program to its end. A program that does not exist counts as failed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ timeoutMs?: number, show?: boolean, env?: NodeJS.ProcessEnv }} [options] `show` passes its output on to stderr
 * @returns {Promise<{ ok: boolean, stdout: string, stderr: string }>}
 */
export function run(program, args, { timeoutMs, show = false, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (show) process.stderr.write(chunk);
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      if (show) process.stderr.write(chunk);
    });
    const finish = (/** @type {boolean} */ ok) => {
      clearTimeout(timer);
      resolve({ ok, stdout, stderr });
    };
    child.on("error", (error) => {
      stderr += error.message;
      finish(false);
    });
    child.on("close", (code) => finish(code === 0));
  });
}

/**
 * Polls until the condition holds.
 * @param {() => Promise<boolean>} condition
 * @param {number} boundMs
 * @returns {Promise<boolean>} false when the bound passed first
 */
export async function until(condition, boundMs) {
  const deadline = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}
