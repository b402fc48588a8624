import type { Client, Stat } from "@quorate/core";

/** Sees what a server holds: everything written through any member before, which a plain read may miss. */
export class Looking {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async children(path: string): Promise<string[]> {
    await this.#client.sync(path);
    return (await this.#client.children(path)).sort();
  }

  async stat(path: string): Promise<Stat | undefined> {
    await this.#client.sync(path);
    return this.#client.exists(path);
  }

  /** The session whose ephemeral znode this is, in hexadecimal; undefined if there is no such znode. */
  async owner(path: string): Promise<string | undefined> {
    const stat = await this.stat(path);
    return stat && BigInt.asUintN(64, stat.ephemeralOwner).toString(16);
  }

  async bytes(path: string): Promise<Buffer> {
    await this.#client.sync(path);
    return Buffer.from((await this.#client.get(path)).data ?? []);
  }

  async text(path: string): Promise<string> {
    return (await this.bytes(path)).toString();
  }
}
