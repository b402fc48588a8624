import { EmbeddedServer, type EnsembleMember, FaultProxy, type MemberStatus } from "@quorate/testing";

const id = 1;

/** The embedded server as an ensemble of one member, so that one suite can run on both. */
export class EmbeddedEnsemble {
  readonly members: readonly EnsembleMember[];
  readonly #server: EmbeddedServer;
  readonly #proxy: FaultProxy;
  #isDown = false;

  private constructor(server: EmbeddedServer, proxy: FaultProxy) {
    this.#server = server;
    this.#proxy = proxy;
    const { connectString } = proxy;
    this.members = [
      { id, role: "participant", proxy, connectString, secureProxy: undefined, secureConnectString: undefined },
    ];
  }

  static async start({ containerCheckMs }: { containerCheckMs?: number | undefined }): Promise<EmbeddedEnsemble> {
    const server = await EmbeddedServer.start(
      containerCheckMs === undefined ? {} : { containerCheckIntervalMs: containerCheckMs },
    );
    return new EmbeddedEnsemble(server, await FaultProxy.listen({ target: { host: "127.0.0.1", port: server.port } }));
  }

  get connectString(): string {
    return this.#proxy.connectString;
  }

  async leader(): Promise<EnsembleMember | undefined> {
    return this.#isDown ? undefined : this.members[0];
  }

  async status(): Promise<readonly MemberStatus[]> {
    const zxid = this.#isDown ? undefined : this.#server.stats.lastZxid;
    return [{ id, mode: this.#isDown ? "stopped" : "standalone", zxid }];
  }

  async fourLetter(_id: number, word: string): Promise<string> {
    return this.#server.fourLetterWord(word);
  }

  async kill(): Promise<void> {
    this.#isDown = true;
    this.#proxy.mode = "refuse";
    this.#proxy.cut();
  }

  /** On the data and the sessions it had, as a member that was killed. */
  async start(): Promise<void> {
    if (!this.#isDown) return;
    await this.#server.restart();
    this.#isDown = false;
    this.#proxy.mode = "pass";
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {
    await this.#proxy.close();
    await this.#server.stop();
  }
}
