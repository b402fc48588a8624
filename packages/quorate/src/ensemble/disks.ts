import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The device a path is on, or will be: that of its nearest parent there is. */
async function deviceOf(path: string): Promise<number> {
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      return (await stat(at)).dev;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || at === dirname(at)) throw error;
    }
  }
}

/** Whether two paths are on one file system of this machine. */
export async function shareDisk(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([deviceOf(a), deviceOf(b)]);
  return first === second;
}

export const sharedDiskWarning: string =
  "the transaction log shares a disk with the snapshots: every write waits for the log's fsync, which a snapshot being written slows down";
