// @ts-check
/**
 * Writes the tables of docs/drivers.md: what each driver can do, how the suites fare by each on the real cluster, and which Node.js versions
 * each runs on.
 *
 *   node scripts/in-test-environment.mjs node scripts/driver-table.mjs [folder]
 *
 * The folder, if given, keeps the suites' reports, the Node.js versions and the compiled bindings; what it has is not made again.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { allCapabilities } from "@quorate/core/driver";
import { native } from "@quorate/native";

/**
 * @typedef {{ passed: number, failed: number, skipped: number, needs: Set<string> }} Count
 * @typedef {{ status: string, title: string, ancestorTitles: string[], meta: { needs?: string[] } }} Result
 * @typedef {{ testResults: { name: string, assertionResults: Result[] }[] }} Report
 */

const page = new URL("../docs/drivers.md", import.meta.url);
const nodeVersions = [20, 22, 24, 26];
const [kept] = process.argv.slice(2);
const scratch = kept ?? mkdtempSync(join(tmpdir(), "quorate-drivers-"));

try {
  let text = readFileSync(page, "utf8");
  text = replaced(text, "capabilities", capabilityTable());
  text = replaced(text, "suites", suiteTable());
  text = replaced(text, "versions", versionTable());
  writeFileSync(page, text);
} finally {
  if (kept === undefined) rmSync(scratch, { recursive: true, force: true });
}

function capabilityTable() {
  const { capabilities } = native();
  const rows = [...allCapabilities].sort().map((name) => [`\`${name}\``, "yes", capabilities.has(name) ? "yes" : "no"]);
  return table(["Capability", "wire", "native"], rows);
}

function suiteTable() {
  /** @type {Map<string, { wire: Count, native: Count }>} */
  const suites = new Map();
  const reports = ["integration", "native", "conformance"].map((project) => ({ project, report: run(project) }));
  const byNative = new Set(
    reports.find(({ project }) => project === "native")?.report.testResults.map(({ name }) => name),
  );
  for (const { project, report } of reports) {
    for (const { name, assertionResults } of report.testResults) {
      // Only what both drivers run, on the real cluster.
      if (project !== "conformance" && !(byNative.has(name) && name.includes("/test/integration/"))) continue;
      const folder = project === "conformance" ? "conformance" : "integration";
      const suite = `${folder}/${basename(name, ".test.ts")}`;
      const counts = suites.get(suite) ?? { wire: count(), native: count() };
      suites.set(suite, counts);
      for (const result of assertionResults) {
        const title = [...result.ancestorTitles, result.title].join(" ");
        if (project === "conformance" && !title.includes("the real cluster")) continue;
        const isNative = project === "native" || title.includes("by the nativ");
        add(isNative ? counts.native : counts.wire, result);
      }
    }
  }
  const rows = [...suites]
    .filter(([, { wire, native: second }]) => total(wire) + total(second) > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([suite, { wire, native: second }]) => [suite, told(wire), told(second), [...second.needs].sort().join(", ")]);
  return table(["Suite", "wire", "native", "Skipped by native for want of"], rows);
}

/** @returns {Count} */
function count() {
  return { passed: 0, failed: 0, skipped: 0, needs: new Set() };
}

/** @param {Count} counted */
function total({ passed, failed, skipped }) {
  return passed + failed + skipped;
}

/** @param {Count} counts @param {Result} result */
function add(counts, { status, title, meta }) {
  if (status === "passed") counts.passed++;
  else if (status === "failed") counts.failed++;
  else counts.skipped++;
  for (const need of meta.needs ?? /\(needs (.*)\)$/.exec(title)?.[1]?.split(", ") ?? []) counts.needs.add(need);
}

/** @param {Count} counts */
function told({ passed, failed, skipped }) {
  if (passed + failed + skipped === 0) return "not run";
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`**${failed} failed**`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(", ");
}

/** @param {string} project @returns {Report} */
function run(project) {
  const file = join(scratch, `${project}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const args = ["vitest", "run", "--project", project, "--reporter=json", `--outputFile=${file}`];
  spawnSync("npx", args, { stdio: ["ignore", "ignore", "inherit"] });
  return JSON.parse(readFileSync(file, "utf8"));
}

function versionTable() {
  const rows = nodeVersions.map((major) => {
    const folder = join(scratch, `node-${major}`);
    const node = join(folder, "node_modules/node/bin/node");
    if (!existsSync(node))
      execFileSync("npm", ["install", "--no-save", "--silent", "--prefix", folder, `node@${major}`]);
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const binding = join(scratch, `binding-${major}`);
    return [version, smoke(node, "wire", binding), compile(binding, node) ?? smoke(node, "native", binding)];
  });
  return table(["Node.js", "wire", "native"], rows);
}

/**
 * Compiles the binding for that Node.js.
 *
 * @param {string} folder @param {string} node @returns {string | undefined} why not
 */
function compile(folder, node) {
  if (existsSync(join(folder, "node_modules/zookeeper/build/zookeeper.node"))) return undefined;
  // The package brings the headers too, so that none need be fetched, and none of another version are taken.
  const distribution = join(node, "../../node_modules", `node-${process.platform}-${process.arch}`);
  const env = {
    ...process.env,
    PATH: `${join(node, "..")}:${process.env["PATH"]}`,
    npm_config_nodedir: distribution,
  };
  const args = ["install", "--no-save", "--prefix", folder, "zookeeper@7.3.0"];
  const { status, stderr } = spawnSync("npm", args, { env, encoding: "utf8" });
  if (status === 0) return undefined;
  process.stderr.write(stderr);
  return "does not compile";
}

/** @param {string} node @param {"wire" | "native"} driver @param {string} folder */
function smoke(node, driver, folder) {
  const file = new URL("drivers/smoke.mjs", import.meta.url).pathname;
  const { status, stderr } = spawnSync(node, [file, driver, folder], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) process.stderr.write(stderr);
  return status === 0 ? "runs" : "fails";
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** @param {string} text @param {string} name @param {string} content */
function replaced(text, name, content) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to === -1) throw new Error(`docs/drivers.md has no place for ${name}`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}
