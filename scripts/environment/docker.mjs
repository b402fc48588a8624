// @ts-check
import { spawn } from "node:child_process";
import { openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installDocker } from "./packages.mjs";
import { EnvironmentError, run, say, until } from "./shell.mjs";

const logFile = join(tmpdir(), "quorate-dockerd.log");
const pidFile = join(tmpdir(), "quorate-dockerd.pid");
const startBoundMs = 60_000;

async function dockerAnswers() {
  return (await run("docker", ["info"], { timeoutMs: 20_000 })).ok;
}

/** @param {string | number} pid */
function isDockerd(pid) {
  return readIfPresent(`/proc/${pid}/comm`).trim() === "dockerd";
}

/** A second dockerd beside a running one would take the first one's bridge away. */
function dockerdRuns() {
  return readdirSync("/proc").some((entry) => /^\d+$/.test(entry) && isDockerd(entry));
}

/** Resolves when Docker answers, after installing and starting it where that is possible. */
export async function prepareDocker() {
  if (await dockerAnswers()) return;
  await installDocker();
  if (!dockerdRuns()) startDockerd();
  if (!(await until(dockerAnswers, startBoundMs))) {
    throw new EnvironmentError(
      `dockerd does not answer within ${startBoundMs / 1000} s; its log is ${logFile}:\n${lastLines(logFile)}`,
    );
  }
}

function startDockerd() {
  if (process.getuid?.() !== 0) throw new EnvironmentError("No Docker answers, and only root can start dockerd");
  say(`starting dockerd, log in ${logFile}`);
  const log = openSync(logFile, "a");
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] });
  daemon.on("error", (error) => say(`dockerd: ${error.message}`));
  daemon.unref();
  if (daemon.pid !== undefined) writeFileSync(pidFile, `${daemon.pid}\n`);
}

/** Stops the dockerd that `prepareDocker` started, and no other. */
export async function stopDocker() {
  const pid = Number(readIfPresent(pidFile));
  if (!(pid > 0)) return;
  rmSync(pidFile);
  if (!isDockerd(pid)) return;
  process.kill(pid, "SIGTERM");
  if (!(await until(async () => !isDockerd(pid), 30_000))) say(`dockerd (${pid}) is still shutting down`);
}

/** @param {string} path */
function readIfPresent(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** @param {string} path */
function lastLines(path) {
  return readIfPresent(path).trimEnd().split("\n").slice(-15).join("\n");
}
