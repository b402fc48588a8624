// @ts-check
/**
 * Prints "N passed, N failed, N skipped" and exits non-zero when anything failed or did not run.
 *
 *   node .ci/summary.mjs <vitest's JSON report> <step>=<exit status>...
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** @typedef {{ name: string, status: string, assertionResults: { status: string }[] }} TestFile */

const [reportPath = "", ...steps] = process.argv.slice(2);
/** @type {TestFile[]} */
const files = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, "utf8")).testResults : [];

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { name, status, assertionResults } of files) {
  for (const { status: outcome } of assertionResults) {
    counts[outcome === "passed" || outcome === "failed" ? outcome : "skipped"] += 1;
  }
  if (status === "failed" && !assertionResults.some((test) => test.status === "failed")) {
    fail(`${relative(".", name)} did not load or its hooks failed`);
  }
}

const ran = new Set(files.map(({ name }) => relative(".", name)));
const tracked = execFileSync("git", ["ls-files", "*.test.ts"], { encoding: "utf8" }).split("\n").filter(Boolean);
for (const file of tracked) if (!ran.has(file)) fail(`${file} did not run`);

const failedTests = counts.failed;
for (const step of steps) {
  const [name, exitStatus] = step.split("=");
  // Failed tests have been counted; an exit status without any is a failure of its own.
  if (exitStatus !== "0" && !(name === "tests" && failedTests > 0)) fail(`${name} ended with status ${exitStatus}`);
}
if (counts.passed === 0) fail("no test passed");

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** @param {string} reason */
function fail(reason) {
  console.error(`failed: ${reason}`);
  counts.failed += 1;
}
