import { FaultProxy } from "../proxy/fault-proxy.ts";

/** The two ports members talk to each other at. */
export interface PeerPorts {
  readonly quorumPort: number;
  readonly electionPort: number;
}

interface Link {
  readonly from: number;
  readonly to: number;
  readonly quorum: FaultProxy;
  readonly election: FaultProxy;
}

/**
 * A proxy on each way from one member to another, so that members which are processes of one machine can be cut off from each other:
 * every member is told its peers' proxies instead of the peers.
 */
export class PeerLinks {
  readonly #links: readonly Link[];

  private constructor(links: readonly Link[]) {
    this.#links = links;
  }

  /** `ports` holds where each member really listens. */
  static async open(ports: ReadonlyMap<number, PeerPorts>): Promise<PeerLinks> {
    const links: Link[] = [];
    const ids = [...ports.keys()];
    for (const from of ids) {
      for (const [to, { quorumPort, electionPort }] of ports) {
        if (from === to) continue;
        links.push({ from, to, quorum: await openLink(quorumPort), election: await openLink(electionPort) });
      }
    }
    return new PeerLinks(links);
  }

  /** What `from` has to be told as the address of `to`. */
  portsFor(from: number, to: number): PeerPorts | undefined {
    const link = this.#links.find((candidate) => candidate.from === from && candidate.to === to);
    return link && { quorumPort: link.quorum.port, electionPort: link.election.port };
  }

  /** Silences the links between these members and the others, and no other link. */
  partition(ids: ReadonlySet<number>): void {
    for (const { from, to, quorum, election } of this.#links) {
      const mode = ids.has(from) === ids.has(to) ? "pass" : "blackhole";
      quorum.mode = mode;
      election.mode = mode;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.flatMap(({ quorum, election }) => [quorum.close(), election.close()]));
  }
}

/** A new leader's followers are often there before it listens; like a peer that refuses, a link must not let them wait for long either. */
const dialRetryMs = 1000;

function openLink(port: number): Promise<FaultProxy> {
  return FaultProxy.listen({ target: { host: "127.0.0.1", port }, dialRetryMs, parse: false });
}
