import { type ContainerRuntimeClient, getReaper, LABEL_TESTCONTAINERS_SESSION_ID } from "testcontainers";

/**
 * The networks the members reach each other over: one for all, and one beside it for those cut off. Clients come in over Docker's default
 * bridge, which is left alone.
 */
export class DockerNetworks {
  readonly #client: ContainerRuntimeClient;
  readonly #name: string;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #islanders = new Set<string>();
  #hasIsland = false;

  private constructor(client: ContainerRuntimeClient, ensembleId: string, labels: Readonly<Record<string, string>>) {
    this.#client = client;
    // Docker publishes ports through the network whose name sorts first; that must stay `bridge`, or ports change with a partition.
    this.#name = `quorate-${ensembleId}`;
    this.#labels = labels;
  }

  static async create(
    client: ContainerRuntimeClient,
    ensembleId: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<DockerNetworks> {
    const { sessionId } = await getReaper(client);
    const all = { ...labels, "org.testcontainers": "true", [LABEL_TESTCONTAINERS_SESSION_ID]: sessionId };
    const networks = new DockerNetworks(client, ensembleId, all);
    await networks.#createNetwork(networks.main);
    return networks;
  }

  get main(): string {
    return this.#name;
  }

  get #island(): string {
    return `${this.#name}-island`;
  }

  /** Moves exactly these containers to the island, under the aliases they had. `containers` holds all, with their aliases. */
  async isolate(isolated: ReadonlySet<string>, containers: ReadonlyMap<string, string>): Promise<void> {
    if (isolated.size > 0 && !this.#hasIsland) {
      await this.#createNetwork(this.#island);
      this.#hasIsland = true;
    }
    for (const [container, alias] of containers) {
      const belongs = isolated.has(container);
      if (belongs === this.#islanders.has(container)) continue;
      const [from, to] = belongs ? [this.main, this.#island] : [this.#island, this.main];
      await this.#client.network.getById(from).disconnect({ Container: container, Force: true });
      await this.#client.network.getById(to).connect({ Container: container, EndpointConfig: { Aliases: [alias] } });
      if (belongs) this.#islanders.add(container);
      else this.#islanders.delete(container);
    }
  }

  async #createNetwork(name: string): Promise<void> {
    await this.#client.network.create({ Name: name, CheckDuplicate: true, Driver: "bridge", Labels: this.#labels });
  }
}
