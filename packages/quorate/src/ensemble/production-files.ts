import type { MemberRole, PeerAddress } from "@quorate/testing";
import { UsageError } from "../shared/exit-status.ts";

export interface ProductionPlan {
  readonly servers: readonly PeerAddress[];
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly clientPort: number;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
}

/** The files of one machine. */
export interface MachineFiles {
  readonly id: number;
  readonly host: string;
  readonly zooCfg: string;
  readonly myid: string;
}

type Format = (settings: Readonly<Record<string, string | number>>, servers: readonly PeerAddress[]) => string;

/**
 * Reads `host`, `host:2888:3888`, `[::1]:2888:3888`; ids count up from 1.
 *
 * @throws UsageError
 */
export function parseServers(texts: readonly string[], role: MemberRole, firstId: number): PeerAddress[] {
  return texts.map((text, index) => {
    const [, bracketed, name, quorum = "2888", election = "3888"] =
      /^(?:(\[[\da-f:.%\w]+\])|([^:\s[\]]+))(?::(\d+):(\d+))?$/i.exec(text) ?? [];
    const host = bracketed ?? name;
    const [quorumPort, electionPort] = [Number(quorum), Number(election)];
    const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
    if (host === undefined || !isPort(quorumPort) || !isPort(electionPort)) {
      throw new UsageError(`server ${JSON.stringify(text)} is not host:2888:3888`);
    }
    return { id: firstId + index, role, host, quorumPort, electionPort };
  });
}

export function productionFiles(
  plan: ProductionPlan,
  standard: Readonly<Record<string, string | number>>,
  format: Format,
): MachineFiles[] {
  const { servers, dataDir, dataLogDir, clientPort, tickTimeMs, initLimit, syncLimit } = plan;
  const isStandalone = servers.length === 1;
  return servers.map(({ id, host, role }) => {
    const settings = {
      ...standard,
      tickTime: tickTimeMs,
      initLimit,
      syncLimit,
      dataDir,
      dataLogDir,
      clientPort,
      ...(isStandalone ? {} : { standaloneEnabled: "false" }),
      ...(role === "observer" ? { peerType: "observer" } : {}),
    };
    return { id, host, zooCfg: format(settings, isStandalone ? [] : servers), myid: `${id}\n` };
  });
}

/** The least time a follower should have to copy the leader's data when it connects. */
const leastInitMs = 10_000;
/** The least time a follower may be silent: a garbage collection of the Java virtual machine should not cost it its place. */
const leastSyncMs = 5000;

export function planWarnings({ servers, tickTimeMs, initLimit, syncLimit }: ProductionPlan): string[] {
  const hosts = servers.map(({ host }) => host);
  const shared = [...new Set(hosts.filter((host, index) => hosts.indexOf(host) !== index))];
  return [
    ...shared.map((host) => `more than one server runs on ${host}: they fail together`),
    ...hosts
      .filter((host) => /^(localhost|127\.|\[::1\])/.test(host))
      .map((host) => `${host} is reached from no other machine`),
    ...(initLimit * tickTimeMs < leastInitMs
      ? [
          `initLimit x tickTime is ${initLimit * tickTimeMs} ms: too small for a follower to load a large tree; at least ${leastInitMs} ms`,
        ]
      : []),
    ...(syncLimit * tickTimeMs < leastSyncMs
      ? [
          `syncLimit x tickTime is ${syncLimit * tickTimeMs} ms: a garbage collection may cost a follower its place; at least ${leastSyncMs} ms`,
        ]
      : []),
  ];
}
