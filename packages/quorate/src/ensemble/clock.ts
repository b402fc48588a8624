import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Warnings about this machine's clock. Nothing where systemd is not there to ask. */
export async function clockWarnings(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)("timedatectl", ["show", "--property=NTPSynchronized", "--value"], {
      timeout: 2000,
    });
    return stdout.trim() === "no"
      ? ["this machine's clock is not synchronised: skewed clocks make logs useless and TLS fail; set up NTP"]
      : [];
  } catch {
    return [];
  }
}
