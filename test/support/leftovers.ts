import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Containers and networks with this label, running or not. */
export async function dockerLeftovers(label: string): Promise<readonly string[]> {
  const filter = ["--filter", `label=${label}`];
  const [containers, networks] = await Promise.all([
    run("docker", ["ps", "-aq", ...filter]),
    run("docker", ["network", "ls", "-q", ...filter]),
  ]);
  return `${containers.stdout}${networks.stdout}`.split("\n").filter((id) => id !== "");
}

/** Servers running as children of this process. */
export async function childServers(): Promise<readonly string[]> {
  const servers: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const status = await read(`/proc/${pid}/status`);
    const isOurs = new RegExp(`^PPid:\\s${process.pid}$`, "m").test(status) && !/^State:\sZ/m.test(status);
    if (isOurs && (await read(`/proc/${pid}/cmdline`)).includes("QuorumPeerMain")) servers.push(pid);
  }
  return servers;
}

/** Empty for what has gone meanwhile. */
async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
