import { type ContainerRuntimeClient, GenericContainer, getContainerRuntimeClient, randomUuid } from "testcontainers";
import { EnsembleError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { DockerMember, logsOf } from "./docker-member.ts";
import { DockerNetworks } from "./docker-networks.ts";
import { exitedError } from "./exited-error.ts";
import { extraFiles, jvmOptions, type MemberLayout, ownHost, type PeerAddress, zooCfg } from "./member-files.ts";
import { defaultSecurePort, type EnsemblePlan, type MemberPlan } from "./options.ts";
import { losingSide } from "./sides.ts";
import { startedAtOnce } from "./started-at-once.ts";

/** The directories of the images, Docker Hub's and the one built here alike. */
export const dockerLayout: MemberLayout = {
  confDir: "/conf",
  dataDir: "/data",
  dataLogDir: "/datalog",
  clientPort: 2181,
  securePort: defaultSecurePort,
};

/** Marks everything of one ensemble. */
export const ensembleLabel = "org.quorate.ensemble";
/** The number of the member in it. */
export const memberLabel = "org.quorate.member";

/** Whether a Docker daemon answers. */
export async function dockerAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

/** Starts every member in a container. Leaves nothing behind when that fails. */
export async function startDockerBackend(plan: EnsemblePlan): Promise<Backend> {
  const client = await getContainerRuntimeClient();
  const ensembleId = randomUuid();
  const labels = { ...plan.labels, [ensembleLabel]: ensembleId };
  const dispose = (): Promise<void> => removeLabelled(client, `${ensembleLabel}=${ensembleId}`);
  try {
    const networks = await DockerNetworks.create(client, ensembleId, labels);
    const ids = await Promise.allSettled(
      plan.members.map((member) => startContainer(plan, member, networks.main, labels)),
    );
    const containers = new Map<number, string>();
    for (const [index, result] of ids.entries()) {
      if (result.status === "rejected") throw result.reason;
      containers.set(index + 1, result.value);
    }
    return new DockerBackend(plan, client, networks, containers, dispose);
  } catch (cause) {
    // Testcontainers waits for the ports even of a container that has ended, and tells of the ports.
    const exited = await exitedMember(client, ensembleId).catch(() => undefined);
    await dispose();
    if (exited !== undefined) throw exited;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnsembleError(`Docker cannot run ${plan.image} (ZK_IMAGE names another image): ${reason}`, { cause });
  }
}

async function exitedMember(client: ContainerRuntimeClient, ensembleId: string): Promise<EnsembleError | undefined> {
  const filters = { label: [`${ensembleLabel}=${ensembleId}`], status: ["exited"] };
  const [found] = await client.container.dockerode.listContainers({ all: true, filters });
  if (found === undefined) return undefined;
  const id = Number(found.Labels[memberLabel]);
  return exitedError(id, await logsOf(client.container.getById(found.Id)));
}

class DockerBackend implements Backend {
  readonly provider = "docker";
  readonly members: ReadonlyMap<number, DockerMember>;
  readonly dispose: () => Promise<void>;
  readonly #plan: EnsemblePlan;
  readonly #networks: DockerNetworks;
  readonly #containers: ReadonlyMap<number, string>;

  constructor(
    plan: EnsemblePlan,
    client: ContainerRuntimeClient,
    networks: DockerNetworks,
    containers: ReadonlyMap<number, string>,
    dispose: () => Promise<void>,
  ) {
    const ports = { client: dockerLayout.clientPort, secure: dockerLayout.securePort };
    const { host } = client.info.containerRuntime;
    this.members = new Map(
      [...containers].map(([id, container]) => [
        id,
        new DockerMember(id, client.container.getById(container), host, ports),
      ]),
    );
    this.#plan = plan;
    this.#networks = networks;
    this.#containers = containers;
    this.dispose = dispose;
  }

  async partition(ids: ReadonlySet<number>): Promise<void> {
    // Who moves gets another address, which a side that is to go on working would take long to get over.
    const movers = ids.size === 0 ? ids : losingSide(this.#plan.members, ids);
    const isolated = new Set([...this.#containers].filter(([id]) => movers.has(id)).map(([, container]) => container));
    const aliases = new Map([...this.#containers].map(([id, container]) => [container, hostOf(id)]));
    await this.#networks.isolate(isolated, aliases);
    for (const member of this.members.values()) member.forgetAddresses();
  }
}

export function hostOf(id: number): string {
  return `zk${id}`;
}

/** Settings that make Java look names up anew each time: peers come back under new addresses. Only a security property does that for failures. */
export const lookupSettings = {
  fileName: "name-lookups.properties",
  content: "networkaddress.cache.ttl=0\nnetworkaddress.cache.negative.ttl=0\n",
} as const;

/** A member has several networks, and must hear its peers on the one they share. */
function withListenEverywhere(plan: EnsemblePlan): EnsemblePlan {
  return { ...plan, config: { quorumListenOnAllIPs: "true", ...plan.config } };
}

async function startContainer(
  plan: EnsemblePlan,
  member: MemberPlan,
  network: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const peers = plan.members.map(({ id, role }): PeerAddress => {
    const host = id === member.id ? ownHost(plan, hostOf(id)) : hostOf(id);
    return { id, role, host, quorumPort: 2888, electionPort: 3888 };
  });
  const files = new Map<string, string | Buffer>([
    [`${dockerLayout.confDir}/zoo.cfg`, zooCfg(withListenEverywhere(plan), member, dockerLayout, peers)],
    [`${dockerLayout.dataDir}/myid`, `${member.id}\n`],
    [`${dockerLayout.confDir}/${lookupSettings.fileName}`, lookupSettings.content],
    ...[...extraFiles(plan, dockerLayout)].map(
      ([name, content]) => [`${dockerLayout.confDir}/${name}`, content] as const,
    ),
  ]);
  const options = [
    `-Djava.security.properties=${dockerLayout.confDir}/${lookupSettings.fileName}`,
    ...jvmOptions(plan, dockerLayout),
  ];
  const container = new GenericContainer(plan.image)
    .withLabels({ ...labels, [memberLabel]: String(member.id) })
    .withNetworkMode(network)
    .withNetworkAliases(hostOf(member.id))
    .withExposedPorts(dockerLayout.clientPort, ...(plan.hasTls ? [dockerLayout.securePort] : []))
    .withCopyContentToContainer([...files].map(([target, content]) => ({ target, content })))
    .withEnvironment({
      ZOO_MY_ID: String(member.id),
      ZK_SERVER_HEAP: "128",
      SERVER_JVMFLAGS: options.join(" "),
    })
    .withWaitStrategy(startedAtOnce);
  return (await container.start()).getId();
}

export async function removeLabelled(client: ContainerRuntimeClient, label: string): Promise<void> {
  const { dockerode } = client.container;
  const filters = { label: [label] };
  const containers = await dockerode.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
  const networks = await dockerode.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => dockerode.getNetwork(Id).remove()));
}
