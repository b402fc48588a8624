import { spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface Ended {
  /** Undefined if it was killed. */
  readonly status: number | undefined;
  /** Such as SIGABRT. */
  readonly signal: NodeJS.Signals | undefined;
  /** What it printed, a JSON value a line. */
  readonly reports: readonly unknown[];
  readonly stderr: string;
}

/** Runs `workers/provoke.ts` in a process of its own, which the fault may kill, until it has ended. */
export async function provoke(fault: string, by: "driver" | "binding", connectString: string): Promise<Ended> {
  const path = fileURLToPath(new URL("../workers/provoke.ts", import.meta.url));
  const flags = ["--import", "tsx", "--conditions=@quorate/source", "--expose-gc"];
  const child = spawn(execPath, [...flags, path, fault, by, connectString], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 45_000,
    killSignal: "SIGKILL",
  });
  const [[status, signal], output, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  const reports = output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as unknown);
  return { status: status ?? undefined, signal: signal ?? undefined, reports, stderr };
}
