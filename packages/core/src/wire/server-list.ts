import type { ServerAddress } from "../driver/driver.ts";
import { type RandomSource, shuffled } from "../random.ts";

/** The next thing to try: a server whose name is still to be resolved, or one of its addresses. */
export interface Candidate {
  readonly server: ServerAddress;
  readonly address: string | undefined;
}

/** The order in which servers are tried: rounds through a shuffled list, each name resolved when its turn comes. */
export class ServerList {
  #servers: readonly ServerAddress[];
  readonly #random: RandomSource;
  #round: Candidate[] = [];

  constructor(servers: readonly ServerAddress[], random: RandomSource) {
    this.#servers = servers;
    this.#random = random;
    this.startRound();
  }

  get all(): readonly ServerAddress[] {
    return this.#servers;
  }

  /** Undefined when everything of this round has been tried. */
  next(): Candidate | undefined {
    return this.#round.shift();
  }

  /** @param last the server to turn to only when no other one can be had: the one that has just failed */
  startRound(last?: ServerAddress): void {
    const order = shuffled(this.#servers, this.#random);
    const isLast = (server: ServerAddress): boolean => last !== undefined && sameServer(server, last);
    this.#round = [...order.filter((server) => !isLast(server)), ...order.filter(isLast)].map((server) => ({
      server,
      address: undefined,
    }));
  }

  /** The addresses of a server's name, to be tried next. */
  resolved(server: ServerAddress, addresses: readonly string[]): void {
    this.#round.unshift(...shuffled(addresses, this.#random).map((address) => ({ server, address })));
  }

  /** To be tried before everything else. */
  prefer(candidate: Candidate): void {
    this.#round.unshift(candidate);
  }

  has(server: ServerAddress): boolean {
    return this.#servers.some((listed) => sameServer(listed, server));
  }

  replace(servers: readonly ServerAddress[]): void {
    this.#servers = servers;
    this.startRound();
  }
}

function sameServer(a: ServerAddress, b: ServerAddress): boolean {
  return a.host === b.host && a.port === b.port;
}

export function serverName({ host, port }: ServerAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
