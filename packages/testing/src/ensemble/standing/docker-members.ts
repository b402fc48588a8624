import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UnsupportedError } from "@quorate/core";
import { type ContainerRuntimeClient, getContainerRuntimeClient, ImageName } from "testcontainers";
import { EnsembleError } from "../../errors.ts";
import type { Backend } from "../backend.ts";
import { dockerLayout, ensembleLabel, hostOf, lookupSettings, memberLabel, removeLabelled } from "../docker-backend.ts";
import { DockerMember } from "../docker-member.ts";
import { freePortsFrom } from "../free-ports.ts";
import { formatZooCfg, type PeerAddress } from "../member-files.ts";
import type { MemberPlan } from "../options.ts";
import { memberHome, type StandingDescription, type StandingMember } from "./description.ts";
import { memberSettings } from "./process-members.ts";
import { standingSettings } from "./settings.ts";

/** Whatever Testcontainers takes for the host of Docker: within a container that is the bridge's address, where nothing is published. */
const publishedAt = "127.0.0.1";

export async function planDockerMembers(members: readonly MemberPlan[], firstPort: number): Promise<StandingMember[]> {
  const clientPorts = await freePortsFrom(firstPort, members.length);
  return members.map((member, index) => ({ ...member, clientPort: clientPorts[index] ?? 0 }));
}

/** The directories and files of every member, its container, and the network they share. Nothing is started. */
export async function writeDockerMembers(
  directory: string,
  description: StandingDescription,
  config: Readonly<Record<string, string>>,
  extraLabels: Readonly<Record<string, string>>,
): Promise<void> {
  const client = await getContainerRuntimeClient();
  const { members, id: ensembleId, image = "" } = description;
  await pullIfMissing(client, image);
  const labels = { ...extraLabels, [ensembleLabel]: ensembleId };
  const network = `quorate-${ensembleId}`;
  try {
    await client.network.create({ Name: network, CheckDuplicate: true, Driver: "bridge", Labels: labels });
    for (const member of members) {
      const home = memberHome(directory, member.id);
      await writeFiles(home, member, members, config);
      await client.container.dockerode.createContainer(containerOf(member, home, image, network, labels));
    }
  } catch (cause) {
    await removeLabelled(client, `${ensembleLabel}=${ensembleId}`);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnsembleError(`Docker cannot run ${image}: ${reason}`, { cause });
  }
}

async function pullIfMissing(client: ContainerRuntimeClient, image: string): Promise<void> {
  const name = ImageName.fromString(image);
  if (!(await client.image.exists(name))) await client.image.pull(name);
}

async function writeFiles(
  home: string,
  { id, role }: StandingMember,
  members: readonly StandingMember[],
  config: Readonly<Record<string, string>>,
): Promise<void> {
  for (const name of ["conf", "data", "datalog"]) await mkdir(join(home, name), { recursive: true });
  const peers = members.map((peer): PeerAddress => {
    // Its own name may not be known yet when it starts to listen.
    const host = peer.id === id ? "0.0.0.0" : hostOf(peer.id);
    return { id: peer.id, role: peer.role, host, quorumPort: 2888, electionPort: 3888 };
  });
  const { dataDir, dataLogDir, clientPort } = dockerLayout;
  const settings = {
    ...standingSettings,
    dataDir,
    dataLogDir,
    clientPort,
    ...memberSettings(role, members.length),
    ...config,
  };
  await writeFile(join(home, "conf", "zoo.cfg"), formatZooCfg(settings, members.length === 1 ? [] : peers));
  await writeFile(join(home, "conf", lookupSettings.fileName), lookupSettings.content);
  await writeFile(join(home, "data", "myid"), `${id}\n`);
}

type ContainerCreation = Parameters<ContainerRuntimeClient["container"]["dockerode"]["createContainer"]>[0];

function containerOf(
  { id, clientPort }: StandingMember,
  home: string,
  image: string,
  network: string,
  labels: Readonly<Record<string, string>>,
): ContainerCreation {
  const port = `${dockerLayout.clientPort}/tcp`;
  const { confDir, dataDir, dataLogDir } = dockerLayout;
  const lookups = `${confDir}/${lookupSettings.fileName}`;
  return {
    Image: image,
    Labels: { ...labels, [memberLabel]: String(id) },
    // Whoever sets it up can remove its files again.
    ...(process.getuid === undefined ? {} : { User: `${process.getuid()}:${process.getgid?.() ?? 0}` }),
    Env: [`ZOO_MY_ID=${id}`, "ZK_SERVER_HEAP=256", `SERVER_JVMFLAGS=-Djava.security.properties=${lookups}`],
    ExposedPorts: { [port]: {} },
    HostConfig: {
      // Single files, as the images have more in that directory.
      Binds: [
        `${join(home, "conf", "zoo.cfg")}:${confDir}/zoo.cfg:ro`,
        `${join(home, "conf", lookupSettings.fileName)}:${lookups}:ro`,
        `${join(home, "data")}:${dataDir}`,
        `${join(home, "datalog")}:${dataLogDir}`,
      ],
      PortBindings: { [port]: [{ HostIp: publishedAt, HostPort: String(clientPort) }] },
      NetworkMode: network,
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [hostOf(id)] } } },
  };
}

/** @throws EnsembleError where no Docker answers, or a container is gone */
export async function openDockerMembers({ id: ensembleId, members }: StandingDescription): Promise<Backend> {
  const client = await getContainerRuntimeClient();
  const label = `${ensembleLabel}=${ensembleId}`;
  const found = await client.container.dockerode.listContainers({ all: true, filters: { label: [label] } });
  const opened = members.map(({ id }) => {
    const container = found.find(({ Labels }) => Labels[memberLabel] === String(id));
    if (container === undefined) throw new EnsembleError(`the container of member ${id} is gone`, { memberId: id });
    const ports = { client: dockerLayout.clientPort, secure: dockerLayout.securePort };
    return [id, new DockerMember(id, client.container.getById(container.Id), publishedAt, ports)] as const;
  });
  return {
    provider: "docker",
    members: new Map(opened),
    partition: () => Promise.reject(new UnsupportedError("a standing ensemble is not for injecting faults")),
    dispose: () => removeLabelled(client, label),
  };
}

/** Also where some of them are gone already. */
export async function removeDockerMembers({ id }: StandingDescription): Promise<void> {
  await removeLabelled(await getContainerRuntimeClient(), `${ensembleLabel}=${id}`);
}
