import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UnsupportedError } from "@quorate/core";
import { EnsembleError } from "../../errors.ts";
import type { Backend } from "../backend.ts";
import { freePorts, freePortsFrom } from "../free-ports.ts";
import { findJavaRuntime } from "../java-runtime.ts";
import { formatZooCfg, type PeerAddress } from "../member-files.ts";
import type { MemberPlan } from "../options.ts";
import { memberHome, type StandingDescription, type StandingMember } from "./description.ts";
import { DetachedMember } from "./detached-member.ts";
import { standingSettings } from "./settings.ts";

/** Ports of this machine for each member. */
export async function planProcessMembers(members: readonly MemberPlan[], firstPort: number): Promise<StandingMember[]> {
  const clientPorts = await freePortsFrom(firstPort, members.length);
  const peerPorts = await freePorts(2 * members.length);
  return members.map((member, index) => ({
    ...member,
    clientPort: clientPorts[index] ?? 0,
    quorumPort: peerPorts[2 * index] ?? 0,
    electionPort: peerPorts[2 * index + 1] ?? 0,
  }));
}

/** The directories and files of every member. */
export async function writeProcessMembers(
  directory: string,
  { members }: StandingDescription,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const peers = members.map(
    ({ id, role, quorumPort = 0, electionPort = 0 }): PeerAddress => ({
      id,
      role,
      host: "127.0.0.1",
      quorumPort,
      electionPort,
    }),
  );
  for (const { id, role, clientPort } of members) {
    const home = memberHome(directory, id);
    const [confDir, dataDir, dataLogDir] = [join(home, "conf"), join(home, "data"), join(home, "datalog")];
    for (const path of [confDir, dataDir, dataLogDir]) await mkdir(path, { recursive: true });
    const settings = {
      ...standingSettings,
      dataDir,
      dataLogDir,
      clientPort,
      clientPortAddress: "127.0.0.1",
      ...memberSettings(role, members.length),
      ...config,
    };
    await writeFile(join(confDir, "zoo.cfg"), formatZooCfg(settings, members.length === 1 ? [] : peers));
    await writeFile(join(dataDir, "myid"), `${id}\n`);
  }
}

export function memberSettings(role: MemberPlan["role"], size: number): Record<string, string> {
  return {
    ...(size === 1 ? {} : { standaloneEnabled: "false" }),
    ...(role === "observer" ? { peerType: "observer" } : {}),
  };
}

/** @throws EnsembleError where Java or ZooKeeper's jars are missing */
export async function openProcessMembers(directory: string, { members }: StandingDescription): Promise<Backend> {
  const runtime = await findJavaRuntime();
  if (runtime === undefined) throw new EnsembleError("no Java with ZooKeeper's jars");
  const detached = members.map(({ id, clientPort }) => {
    const home = memberHome(directory, id);
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    const args = ["-Xmx256m", "-cp", runtime.classPath, main, join(home, "conf", "zoo.cfg")];
    const command = { program: runtime.java, args, logFile: join(home, "log") };
    return [id, new DetachedMember(id, command, join(home, "pid"), clientPort)] as const;
  });
  return {
    provider: "process",
    members: new Map(detached),
    partition: () => Promise.reject(new UnsupportedError("a standing ensemble is not for injecting faults")),
    async dispose() {
      await Promise.all(detached.map(([, member]) => member.stop()));
    },
  };
}
