import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type PeerName as InteropName, missing } from "../../interop/support/peers.ts";
import { Host } from "./host.ts";

export const libraryNames = ["quorate", "curator", "kazoo"] as const;
export type LibraryName = (typeof libraryNames)[number];

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const curatorJars = ["curator-recipes", "curator-x-discovery", "slf4j-simple"]
  .map((name) => `/usr/share/java/${name}.jar`)
  .join(":");

/** A module of this directory in a process of its own, with the built packages: what users run. */
export function nodeHost<Name extends string>(name: Name, module: string, ...flags: readonly string[]): Host<Name> {
  return new Host(name, execPath, [...flags, "--import", "tsx", here(module)]);
}

const starts: Readonly<Record<LibraryName, () => Promise<Host<LibraryName>>>> = {
  quorate: async () => nodeHost("quorate", "quorate-host.ts"),
  // As anybody would run it: the JVM's own choice of compiler and collector.
  async curator() {
    const classes = await mkdtemp(join(tmpdir(), "quorate-bench-"));
    const sources = ["CuratorHost", "CuratorViews"].map((name) => here(`../java/${name}.java`));
    await promisify(execFile)("javac", ["-d", classes, "-cp", curatorJars, ...sources]);
    const flags = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-Dzookeeper.sasl.client=false"];
    return new Host("curator", "java", [...flags, "-cp", `${classes}:${curatorJars}`, "CuratorHost"]);
  },
  kazoo: async () => new Host("kazoo", "/usr/bin/python3", ["-B", here("../python/kazoo_host.py")]),
};

const packaged: Readonly<Partial<Record<LibraryName, InteropName>>> = { curator: "Apache Curator", kazoo: "kazoo" };

/** Those that are installed here; a line tells of each that is not. */
export async function startHosts(): Promise<Host<LibraryName>[]> {
  const hosts: Host<LibraryName>[] = [];
  for (const name of libraryNames) {
    const remedy = packaged[name] && missing(packaged[name]);
    if (remedy === undefined) hosts.push(await starts[name]());
    else console.warn(`${name} is missing and left out; ${remedy}`);
  }
  return hosts;
}
