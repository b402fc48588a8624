import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const main = fileURLToPath(new URL("../../examples/lock-demo/src/main.ts", import.meta.url));

/** Rejects unless the demo ends by itself with exit status 0. */
async function runDemo(connectString: string): Promise<string> {
  const args = ["--import", "tsx", "--conditions=@quorate/source", main];
  const environment = { ...process.env, QUORATE_CONNECT: connectString };
  return (await promisify(execFile)(process.execPath, args, { env: environment })).stdout;
}

function expectHandOver(output: string): void {
  const holds = [...output.matchAll(/(\w+) holds the lock, fencing token (\d+)/g)];
  const tokens = holds.map(([, , token]) => BigInt(token ?? 0));
  expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => (a < b ? -1 : 1)));
  const victim = /(\w+) is killed/.exec(output)?.[1];
  const successor = /(\w+) holds .* it has taken over/.exec(output)?.[1];
  expect(victim).toBeDefined();
  expect(successor).toBeDefined();
  expect(successor).not.toBe(victim);
}

test("the demo shows a hand-over on the embedded server", async () => {
  const output = await runDemo("");
  expectHandOver(output);
  expect(output).toContain("On a real ensemble: QUORATE_CONNECT=");
});

test("the demo shows a hand-over on a real ensemble", async () => {
  expectHandOver(await runDemo(inject("zookeeper").connectString));
});
