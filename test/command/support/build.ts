import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Vitest's global setup: the tests run the command as it is published. Takes no time where nothing has changed. */
export default async function setup(): Promise<void> {
  await promisify(execFile)("npx", ["tsc", "-b", "tsconfig.build.json"]);
}
