import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@quorate/core";
import { expect, it } from "vitest";
import { EmbeddedServer } from "../../src/index.ts";

interface Assertion {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const here = dirname(fileURLToPath(import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

/** Runs the fixture's file by a vitest of its own. */
async function run(shared: object): Promise<readonly Assertion[]> {
  const root = join(here, "fixtures");
  const env = { ...process.env, SHARED: JSON.stringify(shared), VITEST: undefined, VITEST_WORKER_ID: undefined };
  const output = await new Promise<string>((resolve) => {
    const args = [vitest, "run", "--root", root, "--reporter", "json"];
    execFile(process.execPath, args, { env, cwd: root }, (_error, stdout) => resolve(stdout));
  });
  const { testResults } = JSON.parse(output.slice(output.indexOf("{"))) as {
    testResults: { assertionResults: Assertion[] }[];
  };
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

function check(results: readonly Assertion[]): void {
  expect(results.map(({ title, status }) => `${title}: ${status}`)).toEqual([
    "clean: passed",
    "clean in the end: passed",
    "leaves a session: failed",
    "leaves a watch and an ephemeral: failed",
    "is not blamed for what others left: passed",
    "fails for its own reason: failed",
  ]);
  const [, , session, both, , own] = results.map(({ failureMessages }) => failureMessages.join("\n"));
  expect(session).toMatch(/LeakError: left behind on the server:\nsessions still open: 0x[0-9a-f]+\n/);
  expect(both).toMatch(
    /sessions still open: 0x[0-9a-f]+\nwatches left: .*\/watched \(0x[0-9a-f]+\)\nephemeral znodes left: .*\/left \(0x/,
  );
  expect(own).toContain("expected 1 to be 2");
}

it("gives each file a server, and fails the tests that leave something on it", async () => {
  check(await run({}));
}, 60_000);

it("gives each file a chroot on a shared server of another process", async () => {
  await using server = await EmbeddedServer.start();
  const other = await connect(server.connectString);
  await other.create("/elsewhere", "", { mode: "ephemeral" });
  check(await run({ shared: server.connectString }));
  expect([...(await other.children("/"))].sort()).toEqual(["elsewhere", "zookeeper"]);
  await other.close();
}, 60_000);
