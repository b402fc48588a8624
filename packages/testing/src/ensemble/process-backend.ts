import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsupportedError } from "@quorate/core";
import type { Backend } from "./backend.ts";
import { freePorts } from "./free-ports.ts";
import type { JavaRuntime } from "./java-runtime.ts";
import { extraFiles, jvmOptions, type MemberLayout, ownHost, type PeerAddress, zooCfg } from "./member-files.ts";
import type { EnsemblePlan, MemberPlan } from "./options.ts";
import { PeerLinks, type PeerPorts } from "./peer-links.ts";
import { ProcessMember } from "./process-member.ts";

/** Starts every member as a process of this machine. Leaves nothing behind when that fails. */
export async function startProcessBackend(plan: EnsemblePlan, runtime: JavaRuntime): Promise<Backend> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-ensemble-"));
  const backend = new ProcessBackend(directory);
  try {
    await backend.start(plan, runtime);
    return backend;
  } catch (error) {
    await backend.dispose();
    throw error;
  }
}

class ProcessBackend implements Backend {
  readonly provider = "process";
  readonly members = new Map<number, ProcessMember>();
  readonly #directory: string;
  #links: PeerLinks | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async start(plan: EnsemblePlan, runtime: JavaRuntime): Promise<void> {
    const peerPorts = new Map<number, PeerPorts>();
    for (const { id } of plan.members) {
      const [quorumPort = 0, electionPort = 0] = await freePorts(2);
      peerPorts.set(id, { quorumPort, electionPort });
    }
    if (canBeCutOff(plan)) this.#links = await PeerLinks.open(peerPorts);
    for (const member of plan.members) await this.#prepare(plan, member, peerPorts, runtime);
    for (const member of this.members.values()) await member.start();
  }

  async partition(ids: ReadonlySet<number>): Promise<void> {
    if (this.#links === undefined) {
      throw new UnsupportedError(
        "processes cannot be partitioned with reconfigEnabled or sslQuorum, which take members past the proxies between them; the docker provider can",
      );
    }
    this.#links.partition(ids);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.members.values()].map((member) => member.kill()));
    await this.#links?.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #prepare(
    plan: EnsemblePlan,
    member: MemberPlan,
    peerPorts: ReadonlyMap<number, PeerPorts>,
    runtime: JavaRuntime,
  ): Promise<void> {
    const home = join(this.#directory, String(member.id));
    const [clientPort = 0, securePort = 0] = await freePorts(2);
    const layout: MemberLayout = {
      confDir: join(home, "conf"),
      dataDir: join(home, "data"),
      dataLogDir: join(home, "datalog"),
      clientPort,
      securePort,
      clientPortAddress: "127.0.0.1",
    };
    for (const path of [layout.confDir, layout.dataDir, layout.dataLogDir]) await mkdir(path, { recursive: true });
    const config = join(layout.confDir, "zoo.cfg");
    await writeFile(config, zooCfg(plan, member, layout, this.#peersOf(member, plan, peerPorts)));
    await writeFile(join(layout.dataDir, "myid"), `${member.id}\n`);
    for (const [name, content] of extraFiles(plan, layout)) await writeFile(join(layout.confDir, name), content);
    const command = {
      program: runtime.java,
      args: [
        "-Xmx128m",
        ...jvmOptions(plan, layout),
        "-cp",
        runtime.classPath,
        "org.apache.zookeeper.server.quorum.QuorumPeerMain",
        config,
      ],
      logFile: join(home, "log"),
    };
    this.members.set(member.id, new ProcessMember(member.id, command, { client: clientPort, secure: securePort }));
  }

  /** The ensemble as this member is told it is. */
  #peersOf(member: MemberPlan, plan: EnsemblePlan, peerPorts: ReadonlyMap<number, PeerPorts>): readonly PeerAddress[] {
    return plan.members.map(({ id, role }) => {
      const ports = this.#links?.portsFor(member.id, id) ?? peerPorts.get(id) ?? { quorumPort: 0, electionPort: 0 };
      const host = id === member.id ? ownHost(plan, "127.0.0.1") : "127.0.0.1";
      return { id, role, host, ...ports };
    });
  }
}

/** Both features hand the members' real addresses around, or keep a proxy from being in between. */
function canBeCutOff(plan: EnsemblePlan): boolean {
  return plan.config["reconfigEnabled"] !== "true" && plan.config["sslQuorum"] !== "true";
}
