/**
 * A process of connect.test.ts that cannot connect: tells why, what it still holds, and ends by itself.
 */
import { env } from "node:process";
import { ConnectError, connect } from "@quorate/core";

export interface Report {
  readonly code: string;
  readonly message: string;
  readonly attempts: readonly { readonly server: string; readonly cause: string }[];
  /** Kinds of what keeps the process alive, its own output left out. */
  readonly resources: readonly string[];
}

try {
  // Time enough for a round through all of them, those included that never answer.
  await connect(env["QUORATE_CONNECT"] ?? "", { attemptTimeoutMs: 2_000, connectTimeoutMs: 12_000 });
} catch (error) {
  if (!(error instanceof ConnectError)) throw error;
  // What has been destroyed is let go of at the end of the event loop's turn.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  const attempts = error.attempts.map(({ server, cause }) => ({ server, cause: cause.message }));
  const resources = process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap");
  const report: Report = { code: error.code, message: error.message, attempts, resources };
  console.log(JSON.stringify(report));
}
