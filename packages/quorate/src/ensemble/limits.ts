import { readFile } from "node:fs/promises";

/** File descriptors a server of some thousand clients gets along with. */
const wantedOpenFiles = 4096;

/** Soft limit of open files of this process, which its servers inherit; undefined where it cannot be told. */
async function openFilesLimit(): Promise<number | undefined> {
  const text = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const value = Number(/^Max open files +(\d+)/m.exec(text)?.[1]);
  return Number.isFinite(value) ? value : undefined;
}

/** Warnings about what this machine allows. */
export async function limitWarnings(): Promise<string[]> {
  const limit = await openFilesLimit();
  if (limit === undefined || limit >= wantedOpenFiles) return [];
  return [
    `${limit} open files are allowed to a process here: every client connection takes one (ulimit -n ${wantedOpenFiles})`,
  ];
}
